import Columns

/// Casts between booleans and numbers. Numbers with a fraction are rounded: doubles half to even, decimals half away from zero,
/// as in PostgreSQL.
enum NumberCasts {
  static func kernel(_ from: ColumnType, _ to: ColumnType) -> Casts.Kernel? {
    switch from {
    case .bool: return fromBool(to)
    case .int16, .int32: return fromInteger(to, Int32.self)
    case .int64: return fromInteger(to, Int64.self)
    case .float: return fromFloat(to, Float.self)
    case .double: return fromFloat(to, Double.self)
    case .decimal(_, let scale): return fromDecimal(to, scale)
    default: return nil
    }
  }

  private static func fromBool(_ to: ColumnType) -> Casts.Kernel? {
    switch to {
    case .int16, .int32: Casts.Kernel(mayFail: false) { try $0.map { (a: Bool) in a ? 1 as Int32 : 0 } }
    case .int64: Casts.Kernel(mayFail: false) { try $0.map { (a: Bool) in a ? 1 as Int64 : 0 } }
    case .double: Casts.Kernel(mayFail: false) { try $0.map { (a: Bool) in a ? 1.0 : 0 } }
    default: nil
    }
  }

  private static func fromInteger<A: StoredValue & FixedWidthInteger & Sendable>(
    _ to: ColumnType, _ type: A.Type
  ) -> Casts.Kernel? {
    switch to {
    case .bool: Casts.Kernel(mayFail: false) { try $0.map { (a: A) in a != 0 } }
    case .int16: Casts.Kernel { try $0.map { (a: A) in Int16(exactly: a).map { Int32($0) } } }
    case .int32: Casts.Kernel(mayFail: A.bitWidth > 32) { try $0.map { (a: A) in Int32(exactly: a) } }
    case .int64: Casts.Kernel(mayFail: false) { try $0.map { (a: A) in Int64(a) } }
    case .float: Casts.Kernel(mayFail: false) { try $0.map { (a: A) in Float(a) } }
    case .double: Casts.Kernel(mayFail: false) { try $0.map { (a: A) in Double(a) } }
    case .decimal(let precision, let scale):
      Casts.Kernel(mayFail: precision - scale < (A.bitWidth > 32 ? 19 : 10)) {
        let (factor, limit) = (Decimals.power(scale), Decimals.power(precision - scale))
        if to.storage == .int64 {
          return try $0.map { (a: A) in
            Int128(a).magnitude < limit.magnitude ? Int64(truncatingIfNeeded: Int128(a) &* factor) : nil
          }
        }
        return try $0.map { (a: A) in Int128(a).magnitude < limit.magnitude ? Int128(a) &* factor : nil }
      }
    default: nil
    }
  }

  private static func fromFloat<A: StoredValue & BinaryFloatingPoint & Sendable & CustomStringConvertible>(
    _ to: ColumnType, _ type: A.Type
  ) -> Casts.Kernel? {
    switch to {
    case .bool: Casts.Kernel(mayFail: false) { try $0.map { (a: A) in a != 0 } }
    case .int16:
      Casts.Kernel { try $0.map { (a: A) in Int16(exactly: a.rounded(.toNearestOrEven)).map { Int32($0) } } }
    case .int32: Casts.Kernel { try $0.map { (a: A) in Int32(exactly: a.rounded(.toNearestOrEven)) } }
    case .int64: Casts.Kernel { try $0.map { (a: A) in Int64(exactly: a.rounded(.toNearestOrEven)) } }
    case .float:
      Casts.Kernel { try $0.map { (a: A) in Float(a).isInfinite && a.isFinite ? nil : Float(a) } }
    case .double: Casts.Kernel(mayFail: false) { try $0.map { (a: A) in Double(a) } }
    case .decimal(let precision, let scale):
      Casts.Kernel { arguments in
        func unscaled(_ value: A) -> Int128? {
          guard value.isFinite else { return nil }
          // The decimal number that is printed for it, as in PostgreSQL: 0.15 is 0.2 with one digit, though the binary
          // number is a little less.
          var text = value.description
          return text.withUTF8 {
            ValueParser.decimal(UnsafeRawBufferPointer($0), precision: precision, scale: scale)
          }
        }
        if to.storage == .int64 {
          return try arguments.map { (a: A) in unscaled(a).map { Int64(truncatingIfNeeded: $0) } }
        }
        return try arguments.map { (a: A) in unscaled(a) }
      }
    default: nil
    }
  }

  private static func fromDecimal(_ to: ColumnType, _ scale: Int) -> Casts.Kernel? {
    switch to {
    case .bool: integers { $0 != 0 }
    case .int16:
      integers { Int16(exactly: Decimals.rounded($0, by: Decimals.power(scale))).map { Int32($0) } }
    case .int32: integers { Int32(exactly: Decimals.rounded($0, by: Decimals.power(scale))) }
    case .int64: integers { Int64(exactly: Decimals.rounded($0, by: Decimals.power(scale))) }
    case .float: doubles { Column(.float($0.map { Float($0) })) }
    case .double: doubles { Column(.double($0)) }
    case .decimal(let precision, let newScale):
      if to.storage == .int64 {
        integers {
          Decimals.rescaled($0, from: scale, to: newScale, precision: precision).map {
            Int64(truncatingIfNeeded: $0)
          }
        }
      } else {
        integers { Decimals.rescaled($0, from: scale, to: newScale, precision: precision) }
      }
    default: nil
    }
  }

  private static func integers<R: StoredValue>(
    _ body: @escaping @Sendable (Int128) -> R?
  ) -> Casts.Kernel {
    Casts.Kernel { arguments in
      if case .int64 = arguments.arguments.vectors[0].column.values {
        return try arguments.map { (a: Int64) in body(Int128(a)) }
      }
      return try arguments.map { (a: Int128) in body(a) }
    }
  }

  private static func doubles(_ column: @escaping @Sendable ([Double]) -> Column) -> Casts.Kernel {
    Casts.Kernel(mayFail: false) { arguments in
      let vector = arguments.arguments.vectors[0]
      guard let values = vector.column.values.doubles(vector.type) else {
        throw arguments.arguments.storageError(0)
      }
      let result = column(values)
      return vector.isConstant ? result.gather(Array(repeating: 0, count: arguments.arguments.rows)) : result
    }
  }
}
