import Basics
import Columns
import Formats
import SQL

/// The options of the raw table that a preset gives in its comments: a JSON object with the keys of a table in a job file, on
/// lines that begin with `-- table:`.
struct PresetOptions {
  private static let mark = "-- table:"

  private(set) var options = FileTableOptions()

  init(_ sql: String) throws {
    var json = sql.split(separator: "\n").filter { $0.hasPrefix(PresetOptions.mark) }
      .map { $0.dropFirst(PresetOptions.mark.count) }.joined(separator: "\n")
    guard !json.isEmpty else { return }
    try json.withUTF8 { bytes in
      var scanner = JSONScanner(UnsafeRawBufferPointer(bytes))
      scanner.skipSpace()
      try scanner.object { scanner, key in try set(try scanner.decoded(key), &scanner) }
      try scanner.end()
    }
  }

  private mutating func set(_ key: String, _ scanner: inout JSONScanner) throws {
    switch key {
    case "columns": options.columns = try PresetOptions.columns(&scanner)
    case "header":
      guard case .bool(let value) = try scanner.scalar() else {
        throw scanner.fault("expected true or false")
      }
      options.csv.header = value
    case "format": options.format = try PresetOptions.text(&scanner)
    case "null": options.csv.null = try PresetOptions.text(&scanner)
    case "delimiter": options.csv.delimiter = try PresetOptions.byte(&scanner)
    case "quote": options.csv.quote = try PresetOptions.byte(&scanner)
    case "comment": options.csv.comment = try PresetOptions.byte(&scanner)
    default: throw scanner.fault("unknown key \"\(key)\"")
    }
  }

  /// In the order of the text: files without a header have their columns in this order.
  private static func columns(_ scanner: inout JSONScanner) throws -> [ColumnField] {
    var columns: [ColumnField] = []
    try scanner.object { scanner, key in
      let name = try scanner.decoded(key)
      let type = try SQLScript.columnType(named: try text(&scanner))
      columns.append(ColumnField(name, type, nullable: true))
    }
    return columns
  }

  private static func text(_ scanner: inout JSONScanner) throws -> String {
    try scanner.decoded(try scanner.string())
  }

  private static func byte(_ scanner: inout JSONScanner) throws -> UInt8 {
    let text = try text(&scanner)
    guard let byte = text.utf8.first, text.utf8.count == 1 else { throw scanner.fault("expected one byte") }
    return byte
  }
}
