import Basics
import Columns

/// Values as text, as CSV and JSON have them. Times are ISO 8601; nested values are JSON.
enum PlainValueText {
  /// - Parameter value: Of the type, or null, which has no text.
  static func text(_ value: ScalarValue, _ type: ColumnType) -> String {
    switch value {
    case .null: ""
    case .bool(let value): value ? "true" : "false"
    case .int(let value): integer(value, type)
    case .decimal(let value): decimal(value, type)
    case .float(let value): "\(value)".trimmingZero
    case .double(let value): "\(value)".trimmingZero
    case .bytes(let value):
      type == .binary ? "\\x" + value.hexadecimal : String(decoding: value, as: UTF8.self)
    case .interval(let value): interval(value)
    case .list, .structure: json(value, type)
    }
  }

  private static func integer(_ value: Int64, _ type: ColumnType) -> String {
    switch type {
    case .date: CivilDate.text(Int(value))
    case .timestamp: time(value)
    case .timestampTZ: time(value) + "Z"
    case .timestampMillis:
      time(value.multipliedReportingOverflow(by: 1000).partialValue) + "Z"
    default: String(value)
    }
  }

  /// `2025-04-01T12:00:00`, with as many digits of a fraction as are needed.
  private static func time(_ microseconds: Int64) -> String {
    let days = microseconds.flooredDivision(by: 86_400_000_000)
    let rest = microseconds - days * 86_400_000_000
    func padded(_ value: Int64) -> String { PlainText.zeroPadded(Int(value), 2) }
    var text =
      "\(CivilDate.text(Int(days)))T\(padded(rest / 3_600_000_000)):\(padded(rest / 60_000_000 % 60)):"
      + padded(rest / 1_000_000 % 60)
    if rest % 1_000_000 != 0 {
      var fraction = PlainText.zeroPadded(Int(rest % 1_000_000), 6)
      while fraction.hasSuffix("0") { fraction.removeLast() }
      text += "." + fraction
    }
    return text
  }

  private static func decimal(_ value: Int128, _ type: ColumnType) -> String {
    guard case .decimal(_, let scale) = type, scale > 0 else { return "\(value)" }
    var digits = "\(value.magnitude)"
    if digits.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.count) + digits }
    return (value < 0 ? "-" : "") + digits.dropLast(scale) + "." + digits.suffix(scale)
  }

  /// ISO 8601: `P1Y2M3DT4H5M6.789S` with months, days and seconds.
  private static func interval(_ value: Interval) -> String {
    let seconds = value.microseconds / 1_000_000
    let fraction = abs(value.microseconds % 1_000_000)
    let sign = value.microseconds < 0 && seconds == 0 ? "-" : ""
    return "P\(value.months)M\(value.days)DT\(sign)\(seconds)"
      + (fraction == 0 ? "" : "." + PlainText.zeroPadded(Int(fraction), 6)) + "S"
  }

  /// One JSON value: 64-bit integers and finite doubles as numbers, JSON as it is, everything else as text.
  static func json(_ value: ScalarValue, _ type: ColumnType) -> String {
    switch (value, type) {
    case (.null, _): return "null"
    case (.bool, _): return text(value, type)
    case (.int, .int16), (.int, .int32), (.int, .int64): return text(value, type)
    case (.float(let number), _) where number.isFinite: return text(value, type)
    case (.double(let number), _) where number.isFinite: return text(value, type)
    case (.bytes, .json): return text(value, type)
    case (.list(let items), .list(let element)):
      return "[" + items.map { json($0, element) }.joined(separator: ",") + "]"
    case (.structure(let items), .structure(let fields)):
      return "{"
        + zip(items, fields).map { JSONText.quoted($1.name) + ":" + json($0, $1.type) }.joined(separator: ",")
        + "}"
    default: return JSONText.quoted(text(value, type))
    }
  }
}

extension String {
  /// `1.0` as `1`, `1e+16` as it is; `nan` and `inf` as PostgreSQL writes them.
  fileprivate var trimmingZero: String {
    switch self {
    case "nan", "-nan": "NaN"
    case "inf": "Infinity"
    case "-inf": "-Infinity"
    default: hasSuffix(".0") ? String(dropLast(2)) : self
    }
  }
}
