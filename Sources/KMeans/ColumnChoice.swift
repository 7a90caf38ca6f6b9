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
    let hint = nearest(name, dataset.fields.map(\.name)).map { "did you mean '\($0)'?" }
    return Mistake(
      key: key, message: "no column '\(name)' in the input; \(hint ?? "it has \(list(dataset))")")
  }

  private static func list(_ dataset: Dataset) -> String {
    dataset.fields.map { "\($0.name) (\($0.type.name))" }.joined(separator: ", ")
  }

  /// Returns the name with the smallest edit distance, or nil if none is close enough.
  static func nearest(_ name: String, _ names: [String]) -> String? {
    guard name.count <= 200 else { return nil }
    let scored = names.filter { $0.count <= 200 }.map {
      ($0, editDistance($0.lowercased(), name.lowercased()))
    }
    guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(2, name.count / 3) else { return nil }
    return best.0
  }

  /// The Levenshtein distance, one row at a time.
  private static func editDistance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let cost = min(diagonal + (x == y ? 0 : 1), row[j] + 1, row[j + 1] + 1)
        diagonal = row[j + 1]
        row[j + 1] = cost
      }
    }
    return row[b.count]
  }
}
