/// Reads an input as choices followed by content. Fuzzers work best if choices are single bytes at fixed offsets. Past the end,
/// everything is zero or empty.
struct Script {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  mutating func flag() -> Bool { byte() & 1 == 1 }

  mutating func choice<T>(_ items: [T]) -> T { items[Int(byte()) % items.count] }

  /// Reads a little-endian number.
  mutating func uint16() -> Int { Int(byte()) | Int(byte()) << 8 }

  mutating func take(_ count: Int) -> [UInt8] {
    let taken = Array(rest.prefix(count))
    rest = rest.dropFirst(count)
    return taken
  }

  mutating func all() -> [UInt8] { take(rest.count) }
}
