import Basics
import Columns

/// Chooses the columns of a table to cluster by.
package enum ColumnChoice {
  /// Why a choice is impossible; `key` is the key of the step that must change.
  package struct Mistake: Error, Hashable, Sendable {
    package let key: String
    package let message: String
  }

  /// - Parameter named: The requested columns; nil for all numeric columns except timestamps and the id.
  package static func columns(_ named: [String]?, id: String, in dataset: Dataset) throws(Mistake) -> [String]
  {
    guard let idField = dataset.fields.field(named: id) else {
      throw missing(id, key: "idColumn", dataset)
    }
    switch idField.type {
    // Unsigned 64-bit integers are decimals of 20 digits.
    case .string, .json, .binary, .int16, .int32, .int64, .decimal(precision: _, scale: 0): break
    default:
      throw Mistake(
        key: "idColumn",
        message: "column '\(id)' is of type \(idField.type.name); expected string or integer")
    }
    guard let named else {
      let columns = dataset.fields.filter { $0.type.isNumeric && !$0.name.hasSameBytes(as: id) }.map(\.name)
      if columns.isEmpty {
        throw Mistake(key: "columns", message: "the input has no numeric columns; it has \(list(dataset))")
      }
      return columns
    }
    if named.isEmpty { throw Mistake(key: "columns", message: "expected at least one column") }
    for (index, name) in named.enumerated() {
      let key = "columns[\(index)]"
      guard let field = dataset.fields.field(named: name) else {
        throw missing(name, key: key, dataset)
      }
      guard field.type.isNumeric || field.type == .bool else {
        throw Mistake(
          key: key, message: "column '\(name)' is of type \(field.type.name); expected a numeric column")
      }
      if named[..<index].contains(where: { $0.hasSameBytes(as: name) }) {
        throw Mistake(key: key, message: "column '\(name)' is named twice")
      }
    }
    return named
  }

  private static func missing(_ name: String, key: String, _ dataset: Dataset) -> Mistake {
    if let reason = dataset.unsupported[ExactName(name)] {
      return Mistake(key: key, message: "column '\(name)' cannot be read: \(reason)")
    }
    let hint = Nearest.hint(name, among: dataset.fields.map(\.name))
    return Mistake(
      key: key,
      message: "no column '\(name)' in the input" + (hint.isEmpty ? "; it has \(list(dataset))" : hint))
  }

  private static func list(_ dataset: Dataset) -> String {
    dataset.fields.map { "\($0.name) (\($0.type.name))" }.joined(separator: ", ")
  }
}
