/// One value of a column, for literals, bounds and results that people see. Not for hot paths.
public enum ScalarValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// int16, int32, int64, date, timestamps: the stored number.
  case int(Int64)
  /// Decimals: the unscaled number.
  case decimal(Int128)
  case float(Float)
  case double(Double)
  /// string, json, binary: the stored bytes.
  case bytes([UInt8])
  case interval(Interval)
  case list([ScalarValue])
  case structure([ScalarValue])

  public static func string(_ text: String) -> ScalarValue { .bytes(Array(text.utf8)) }

  public var isNull: Bool { self == .null }
}
