import Columns
import Glibc

// The order of values of one type, the same for `<`, IN, least and greatest: NaN is equal to itself and above all numbers, −0.0
// equals 0.0, text is ordered by its bytes.

protocol Ordered: StoredValue {
  static func isEqual(_ a: Self, _ b: Self) -> Bool
  static func isLess(_ a: Self, _ b: Self) -> Bool
  /// One form for values that are equal: 0 for −0, one NaN.
  var canonical: Self { get }
}

extension Ordered {
  @inline(__always) var canonical: Self { self }
}

extension Ordered where Self: BinaryInteger {
  @inline(__always) static func isEqual(_ a: Self, _ b: Self) -> Bool { a == b }
  @inline(__always) static func isLess(_ a: Self, _ b: Self) -> Bool { a < b }
}

extension Int32: Ordered {}
extension Int64: Ordered {}
extension Int128: Ordered {}

extension Bool: Ordered {
  @inline(__always) static func isEqual(_ a: Bool, _ b: Bool) -> Bool { a == b }
  @inline(__always) static func isLess(_ a: Bool, _ b: Bool) -> Bool { !a && b }
}

extension Ordered where Self: BinaryFloatingPoint {
  @inline(__always) static func isEqual(_ a: Self, _ b: Self) -> Bool { a == b || a != a && b != b }
  @inline(__always) static func isLess(_ a: Self, _ b: Self) -> Bool { a < b || b != b && a == a }
  @inline(__always) var canonical: Self { self == self ? self + 0 : .nan }
}

extension Float: Ordered {}
extension Double: Ordered {}

extension Interval: Ordered {
  /// Months of 30 days, days of 24 hours.
  var span: Int128 {
    (Int128(months) * 30 + Int128(days)) * 86_400_000_000 + Int128(microseconds)
  }
  static func isEqual(_ a: Interval, _ b: Interval) -> Bool { a.span == b.span }
  static func isLess(_ a: Interval, _ b: Interval) -> Bool { a.span < b.span }
}

enum ByteText {
  @inline(__always)
  static func isEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    guard let x = a.baseAddress, let y = b.baseAddress else { return true }
    return memcmp(x, y, a.count) == 0
  }

  /// Negative, zero or positive.
  @inline(__always)
  static func compare(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    if let x = a.baseAddress, let y = b.baseAddress,
      case let order = memcmp(x, y, min(a.count, b.count)), order != 0
    {
      return Int(order)
    }
    return a.count - b.count
  }
}

extension ScalarValue {
  /// Negative, zero or positive; null is above all values. For values of one type, where speed does not matter.
  package static func compare(_ a: ScalarValue, _ b: ScalarValue) -> Int {
    func order<T: Ordered>(_ a: T, _ b: T) -> Int { T.isEqual(a, b) ? 0 : T.isLess(a, b) ? -1 : 1 }
    switch (a, b) {
    case (.null, .null): return 0
    case (.null, _): return 1
    case (_, .null): return -1
    case (.bool(let a), .bool(let b)): return order(a, b)
    case (.int(let a), .int(let b)): return order(a, b)
    case (.decimal(let a), .decimal(let b)): return order(a, b)
    case (.float(let a), .float(let b)): return order(a, b)
    case (.double(let a), .double(let b)): return order(a, b)
    case (.interval(let a), .interval(let b)): return order(a, b)
    case (.bytes(let a), .bytes(let b)):
      return a.withUnsafeBytes { a in b.withUnsafeBytes { b in ByteText.compare(a, b) } }
    case (.list(let a), .list(let b)), (.structure(let a), .structure(let b)):
      for (x, y) in zip(a, b) where compare(x, y) != 0 { return compare(x, y) }
      return a.count - b.count
    default: return 0
    }
  }
}
