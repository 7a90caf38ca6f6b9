/// Strings stored end to end in UTF-8; string i is `bytes[offsets[i]..<offsets[i + 1]]`.
public struct StringColumn: Hashable, Sendable {
  /// One more offset than there are strings; the first is 0.
  public var offsets: [Int] = [0]
  public var bytes: [UInt8] = []

  public init() {}

  public init(_ strings: some Sequence<String>) {
    for string in strings { append(string) }
  }

  public init<Bytes: Sequence<UInt8>>(bytes strings: some Sequence<Bytes>) {
    for string in strings {
      bytes.append(contentsOf: string)
      offsets.append(bytes.count)
    }
  }

  @inlinable public var count: Int { offsets.count - 1 }

  @inlinable public mutating func append(_ string: String) {
    bytes.append(contentsOf: string.utf8)
    offsets.append(bytes.count)
  }

  @inlinable public mutating func append(_ utf8: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: utf8)
    offsets.append(bytes.count)
  }

  public subscript(index: Int) -> String {
    String(decoding: bytes[offsets[index]..<offsets[index + 1]], as: UTF8.self)
  }
}

extension StringColumn {
  /// Whether each string from index `first` on is valid UTF-8 by itself: all bytes together are valid, and no string begins
  /// inside a character.
  public func isUTF8(from first: Int) -> Bool {
    let start = offsets[first]
    return bytes.withUnsafeBufferPointer { all in
      let text = UnsafeBufferPointer(rebasing: all[start...])
      // Eight bytes at a time: most text is ASCII, and then no further check is needed.
      let raw = UnsafeRawBufferPointer(text)
      var high: UInt64 = 0
      var index = 0
      while index + 8 <= raw.count {
        high |= raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        index += 8
      }
      while index < raw.count {
        high |= UInt64(raw[index])
        index += 1
      }
      if high & 0x8080_8080_8080_8080 == 0 { return true }
      guard (try? UTF8Span(validating: text.span)) != nil else { return false }
      return offsets[first...].allSatisfy { $0 == all.count || all[$0] & 0xc0 != 0x80 }
    }
  }
}
