/// Appends bytes to memory that the caller has reserved. Checks and allocates nothing.
struct LineWriter {
  private(set) var position: UnsafeMutableRawPointer

  init(_ start: UnsafeMutableRawPointer) { position = start }

  @inline(__always)
  mutating func literal(_ text: StaticString) {
    position.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
    position += text.utf8CodeUnitCount
  }

  @inline(__always)
  mutating func copy(_ text: UnsafeRawBufferPointer) {
    guard let base = text.baseAddress else { return }
    position.copyMemory(from: base, byteCount: text.count)
    position += text.count
  }

  @inline(__always)
  mutating func byte(_ value: UInt8) {
    position.storeBytes(of: value, as: UInt8.self)
    position += 1
  }

  /// Appends the low `count` bytes of a word, lowest first. Eight bytes must be free.
  @inline(__always)
  mutating func packed(_ value: UInt64, count: Int) {
    position.storeBytes(of: value.littleEndian, as: UInt64.self)
    position += count
  }

  @inline(__always)
  mutating func hexadecimal(_ value: UInt64, digits: Int) {
    for digit in 0..<digits {
      let nibble = UInt8(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - digit))) & 15
      byte(nibble &+ (nibble < 10 ? 0x30 : 0x57))
    }
  }

  /// Decimal with leading zeros, two digits at a time.
  @inline(__always)
  mutating func padded(_ value: UInt64, digits: Int, tables: UnsafePointer<UInt16>) {
    var rest = value
    var at = digits
    while at >= 2 {
      let high = rest / 100
      at -= 2
      position.storeBytes(of: tables[Int(rest &- high &* 100)], toByteOffset: at, as: UInt16.self)
      rest = high
    }
    if at == 1 { position.storeBytes(of: UInt8(truncatingIfNeeded: rest % 10) &+ 0x30, as: UInt8.self) }
    position += digits
  }

  /// Decimal without leading zeros.
  @inline(__always)
  mutating func decimal(_ value: UInt64, tables: UnsafePointer<UInt16>) {
    var digits = 1
    var bound: UInt64 = 10
    while digits < 19, value >= bound {
      digits += 1
      bound *= 10
    }
    padded(value, digits: digits, tables: tables)
  }
}
