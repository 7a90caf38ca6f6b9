import Columns
import Formats
import Foundation
import Storage

/// Prints a file's schema as one line of JSON, then each row as an array.
enum PrintFile {
  static func run(_ path: String, columns wanted: [String]?) throws {
    let file = try open(path)
    let fields = file.fields.map {
      "{\"name\":\(quote($0.name)),\"type\":\"\($0.type.name)\",\"nullable\":\($0.nullable)}"
    }
    let unsupported = file.unsupported.map { "{\"name\":\(quote($0.name)),\"reason\":\(quote($0.reason))}" }
    let groups = file.rowGroups.map { String($0.rows) }
    write(
      "{\"fields\":[\(fields.joined(separator: ","))],\"unsupported\":[\(unsupported.joined(separator: ","))],"
        + "\"rowGroups\":[\(groups.joined(separator: ","))]}\n")
    let columns = wanted ?? file.fields.map(\.name)
    for group in file.rowGroups.indices {
      let batch = try file.read(rowGroup: group, columns: columns)
      var text = ""
      for row in 0..<batch.rows {
        let cells = zip(batch.columns, batch.fields).map { value($0, $1.type, row) }
        text += "[" + cells.joined(separator: ",") + "]\n"
      }
      write(text)
    }
  }

  static func open(_ path: String) throws -> ParquetFile {
    let store = try ObjectStores.store(for: path)
    return try ParquetFile(store.open(store.info(path)))
  }

  private static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

  private static func value(_ column: Column, _ type: ColumnType, _ row: Int) -> String {
    if column.isNull(row) { return "null" }
    return switch column.values {
    case .bool(let values): "\(values[row])"
    case .int32(let values): "\(values[row])"
    case .int64(let values): decimal(Int128(values[row]), type)
    case .int128(let values): decimal(values[row], type)
    case .float(let values): number(Double(values[row]))
    case .double(let values): number(values[row])
    case .bytes(let values): quote(text(values, row))
    case .dictionary(let values): quote(text(values.entries, Int(values.indices[row])))
    case .interval(let values): "[\(values[row].months),\(values[row].days),\(values[row].microseconds)]"
    case .list(let lists): list(lists, type, row)
    case .structure(let columns, _): structure(columns, type, row)
    }
  }

  private static func list(_ lists: ListColumn, _ type: ColumnType, _ row: Int) -> String {
    guard case .list(let element) = type else { return "null" }
    let range = lists.offsets[row]..<lists.offsets[row + 1]
    return "[" + range.map { value(lists.elements, element, $0) }.joined(separator: ",") + "]"
  }

  private static func structure(_ columns: [Column], _ type: ColumnType, _ row: Int) -> String {
    guard case .structure(let fields) = type else { return "null" }
    let parts = zip(columns, fields).map { "\(quote($1.name)):\(value($0, $1.type, row))" }
    return "{" + parts.joined(separator: ",") + "}"
  }

  /// Decimals as text with all their digits.
  private static func decimal(_ value: Int128, _ type: ColumnType) -> String {
    guard case .decimal(_, let scale) = type else { return "\(value)" }
    var digits = "\(value.magnitude)"
    if scale > 0 {
      digits = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
      digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -scale))
    }
    return quote(value < 0 ? "-" + digits : digits)
  }

  /// As the text that it is in most files, or else each byte as the character of that number.
  private static func text(_ values: StringColumn, _ row: Int) -> String {
    let bytes = values.bytes[values.offsets[row]..<values.offsets[row + 1]]
    return String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }

  /// Floats as doubles: the peers that compare have no other.
  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    return "\(value)"
  }

  private static func quote(_ string: String) -> String {
    var result = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\0"..<" ": result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
