import Basics
import Columns

/// Where each column of a read comes from.
struct ReadPlan {
  enum Pseudo: Int, Sendable { case file, line, row }

  private enum Source {
    /// Index among ``ReadPlan/own``.
    case file(Int)
    /// A folder name.
    case constant(ScalarValue)
    case pseudo(Pseudo)
  }

  let fields: [ColumnField]
  /// The columns that the file itself has, or lacks.
  private(set) var own: [ColumnField] = []
  private var sources: [Source] = []
  private let uri: String

  /// - Parameter columns: Indexes of the table's fields.
  init(_ table: FileTable, _ split: FileTableSplit, _ columns: [Int]) {
    fields = columns.map { table.fields[$0] }
    uri = split.split.object.uri
    let folders = split.folders.map { (ExactName($0.name), $0.value) }
    // Pseudo columns are the last fields; a column of the files may have the same name.
    let pseudo = table.fields.count - FileTable.pseudoFields.count
    for index in columns {
      if let kind = Pseudo(rawValue: index - pseudo) {
        sources.append(.pseudo(kind))
      } else if let (_, value) = folders.first(where: { $0.0 == ExactName(table.fields[index].name) }) {
        sources.append(.constant(value))
      } else {
        sources.append(.file(own.count))
        own.append(table.fields[index])
      }
    }
  }

  var needsPosition: Bool {
    sources.contains { if case .pseudo(let kind) = $0 { kind != .file } else { false } }
  }

  /// - Parameters:
  ///   - columns: Those of ``own``.
  ///   - position: Line or number of a row in its file; nil if the format has none.
  func batch(_ columns: [Column], rows: Int, position: (Pseudo, Int) -> Int64?) -> ColumnBatch {
    let all = zip(fields, sources).map { field, source -> Column in
      switch source {
      case .file(let index): return columns[index]
      case .constant(let value):
        return .constant(value, field.type, count: rows) ?? .nulls(field.type, count: rows)
      case .pseudo(.file):
        return .constant(.string(uri), .string, count: rows) ?? .nulls(.string, count: rows)
      case .pseudo(let kind):
        let values = (0..<rows).map { position(kind, $0) }
        let isMissing = values.contains { $0 == nil }
        return Column(.int64(values.map { $0 ?? 0 }), validity: isMissing ? values.map { $0 != nil } : nil)
      }
    }
    return ColumnBatch(fields: fields, columns: all, rows: rows)
  }
}
