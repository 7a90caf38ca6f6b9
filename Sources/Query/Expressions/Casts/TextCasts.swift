import Columns

/// Casts from and to text and JSON.
enum TextCasts {
  // MARK: From text

  static func parsing(_ to: ColumnType) -> Casts.Kernel? {
    switch to {
    case .bool: return Casts.Kernel { try $0.mapText { ValueParser.bool($0) } }
    case .int16:
      return Casts.Kernel { try $0.mapText { ValueParser.integer($0, Int16.self).map { Int32($0) } } }
    case .int32: return Casts.Kernel { try $0.mapText { ValueParser.integer($0, Int32.self) } }
    case .int64: return Casts.Kernel { try $0.mapText { ValueParser.integer($0, Int64.self) } }
    case .float: return Casts.Kernel { try $0.mapText { ValueParser.float($0) } }
    case .double: return Casts.Kernel { try $0.mapText { ValueParser.double($0) } }
    case .decimal(let precision, let scale):
      if to.storage == .int64 {
        return Casts.Kernel {
          try $0.mapText {
            ValueParser.decimal($0, precision: precision, scale: scale).map { Int64(truncatingIfNeeded: $0) }
          }
        }
      }
      return Casts.Kernel {
        try $0.mapText { ValueParser.decimal($0, precision: precision, scale: scale) }
      }
    case .date: return Casts.Kernel { try $0.mapText { ValueParser.date($0) } }
    case .timestamp: return Casts.Kernel { try $0.mapText { ValueParser.timestamp($0) } }
    case .timestampTZ:
      return Casts.Kernel {
        let clock = try $0.arguments.clock()
        return try $0.mapText { ValueParser.timestamp($0, clock) }
      }
    case .interval: return Casts.Kernel { try $0.mapText { IntervalParser.parse($0) } }
    case .json:
      return checked { text, bytes in
        guard ValueParser.isJSON(text) else { return false }
        bytes.append(contentsOf: text)
        return true
      }
    case .binary: return checked { ValueParser.binary($0, into: &$1) }
    case .list(let element): return ListText.parsing(element)
    case .string, .timestampMillis, .structure: return nil
    }
  }

  /// - Parameter body: Appends the value; returns false, having appended nothing, for a text that is not a value.
  private static func checked(
    _ body: @escaping @Sendable (UnsafeRawBufferPointer, inout [UInt8]) -> Bool
  ) -> Casts.Kernel {
    Casts.Kernel { cast in
      try cast.arguments.withStrings(0) { strings in
        try cast.arguments.stringsOrNulls { row, bytes in
          if body(strings[row], &bytes) { return true }
          if cast.isTry { return false }
          throw cast.failure(row)
        }
      }
    }
  }

  // MARK: To text

  static func printing(_ from: ColumnType) -> Casts.Kernel? {
    Casts.Kernel(mayFail: false) { cast in
      let arguments = cast.arguments
      let text = ValueText(try arguments.clock())
      let vector = arguments.vectors[0]
      let mask = vector.isConstant ? 0 : -1
      switch (vector.column.values, from) {
      case (.int32(let values), .int16), (.int32(let values), .int32):
        return try arguments.strings { ValueText.appendInteger(Int64(values[$0 & mask]), to: &$1) }
      case (.int64(let values), .int64):
        return try arguments.strings { ValueText.appendInteger(values[$0 & mask], to: &$1) }
      case (.int64(let values), .timestamp):
        return try arguments.strings { ValueText.appendTimestamp(values[$0 & mask], to: &$1) }
      case (.int64(let values), .timestampTZ):
        return try arguments.strings { text.appendInstant(values[$0 & mask], to: &$1) }
      case (.int32(let values), .date):
        return try arguments.strings { ValueText.appendDate(Int64(values[$0 & mask]), to: &$1) }
      case (.double(let values), _):
        return try arguments.strings { ValueText.appendDouble(values[$0 & mask], to: &$1) }
      default:
        return try arguments.strings { text.append(arguments.scalar(0, $0), from, to: &$1) }
      }
    }
  }
}
