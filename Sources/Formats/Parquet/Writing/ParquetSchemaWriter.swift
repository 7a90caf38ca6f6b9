import Columns

/// A stored column of a file that is written.
struct ParquetWrittenLeaf {
  /// The names from the column to the leaf.
  let path: [String]
  let field: ColumnField
}

/// The schema of a file that is written: lists in the three levels of the format (`list`, `element`), structs as groups.
struct ParquetSchemaWriter {
  private enum Element {
    case root(children: Int)
    case group(ColumnField, children: Int)
    /// The repeated group between a list and its elements.
    case repeated
    case leaf(ColumnField)
  }

  private var elements: [Element]
  private(set) var leaves: [ParquetWrittenLeaf] = []

  init(_ fields: [ColumnField]) {
    elements = [.root(children: fields.count)]
    for field in fields { add(field, []) }
  }

  private mutating func add(_ field: ColumnField, _ path: [String]) {
    switch field.type {
    case .list(let element):
      elements += [.group(field, children: 1), .repeated]
      add(ColumnField("element", element, nullable: true), path + [field.name, "list"])
    case .structure(let fields):
      elements.append(.group(field, children: fields.count))
      for inner in fields { add(inner, path + [field.name]) }
    default:
      elements.append(.leaf(field))
      leaves.append(ParquetWrittenLeaf(path: path + [field.name], field: field))
    }
  }

  func write(_ file: inout ThriftWriter) {
    file.structures(2, elements) { writer, element in
      switch element {
      case .root(let children):
        writer.string(4, "schema")
        writer.int32(5, Int32(children))
      case .group(let field, let children):
        writer.int32(3, (field.nullable ? ParquetRepetition.optional : .required).rawValue)
        writer.string(4, field.name)
        writer.int32(5, Int32(children))
        if case .list = field.type {
          writer.int32(6, ParquetConvertedType.list.rawValue)
          writer.structure(10) { logical in logical.structure(3) { _ in } }
        }
      case .repeated:
        writer.int32(3, ParquetRepetition.repeated.rawValue)
        writer.string(4, "list")
        writer.int32(5, 1)
      case .leaf(let field): Self.write(field, &writer)
      }
    }
  }

  /// Why a column cannot be written; nil if it can.
  static func refusal(_ type: ColumnType) -> String? {
    switch type {
    case .interval: "intervals cannot be written to Parquet; write months, days and microseconds as columns"
    case .list(let element): refusal(element)
    case .structure(let fields):
      fields.isEmpty
        ? "a struct without fields cannot be written to Parquet"
        : fields.lazy.compactMap { refusal($0.type) }.first
    default: nil
    }
  }

  private static func write(_ field: ColumnField, _ element: inout ThriftWriter) {
    element.int32(1, field.type.physical.rawValue)
    if field.type.storage == .int128 { element.int32(2, 16) }
    element.int32(3, (field.nullable ? ParquetRepetition.optional : .required).rawValue)
    element.string(4, field.name)
    switch field.type {
    case .string:
      element.int32(6, ParquetConvertedType.utf8.rawValue)
      element.structure(10) { logical in logical.structure(1) { _ in } }
    case .timestampMillis:
      element.int32(6, ParquetConvertedType.timestampMillis.rawValue)
      element.structure(10) { logical in
        logical.structure(8) { timestamp in
          timestamp.bool(1, true)
          timestamp.structure(2) { unit in unit.structure(1) { _ in } }
        }
      }
    case .json:
      element.int32(6, ParquetConvertedType.json.rawValue)
      element.structure(10) { logical in logical.structure(12) { _ in } }
    case .int16:
      element.int32(6, ParquetConvertedType.int16.rawValue)
      element.structure(10) { logical in
        logical.structure(10) { integer in
          integer.byte(1, 16)
          integer.bool(2, true)
        }
      }
    case .date:
      element.int32(6, ParquetConvertedType.date.rawValue)
      element.structure(10) { logical in logical.structure(6) { _ in } }
    case .decimal(let precision, let scale):
      element.int32(6, ParquetConvertedType.decimal.rawValue)
      element.int32(7, Int32(clamping: scale))
      element.int32(8, Int32(clamping: precision))
      element.structure(10) { logical in
        logical.structure(5) { decimal in
          decimal.int32(1, Int32(clamping: scale))
          decimal.int32(2, Int32(clamping: precision))
        }
      }
    case .timestamp, .timestampTZ:
      if field.type == .timestampTZ { element.int32(6, ParquetConvertedType.timestampMicros.rawValue) }
      element.structure(10) { logical in
        logical.structure(8) { timestamp in
          timestamp.bool(1, field.type == .timestampTZ)
          timestamp.structure(2) { unit in unit.structure(2) { _ in } }
        }
      }
    case .bool, .int32, .int64, .float, .double, .binary, .interval, .list, .structure: break
    }
  }
}
