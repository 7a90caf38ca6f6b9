import Storage
import Wire

/// Rows on their way through a shuffle, a key and a value each, both byte forms. A block is the length of its contents (a
/// varint), then the contents as one zstd frame; contents are rows: length of the key, key, length of the value, value.
/// No rows are no bytes.
struct RowBlocks {
  /// The most bytes that the contents of a block may have.
  static let limit = 1 << 30

  private var contents: [[UInt8]]
  private(set) var rows = 0

  init(partitions: Int) throws {
    guard (1...1 << 16).contains(partitions) else {
      throw TaskFailure.fatal("\(partitions) shuffle partitions")
    }
    contents = Array(repeating: [], count: partitions)
  }

  var partitions: Int { contents.count }

  mutating func append(
    key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, to partition: Int
  ) throws {
    guard contents[partition].count + key.count + value.count < RowBlocks.limit - 32 else {
      throw TaskFailure.fatal(
        "a task has over \(RowBlocks.limit) bytes for one partition; use more --partitions")
    }
    RowBlocks.put(key, to: &contents[partition])
    RowBlocks.put(value, to: &contents[partition])
    rows += 1
  }

  mutating func append(_ key: OrderedBytes, _ value: OrderedBytes, to partition: Int) throws {
    try key.bytes.withUnsafeBytes { key in
      try value.bytes.withUnsafeBytes { try append(key: key, value: $0, to: partition) }
    }
  }

  /// A last row for every partition, not counted: what the task has to say of all of them.
  mutating func appendToAll(_ value: [UInt8]) throws {
    let rows = rows
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    try value.withUnsafeBytes {
      for partition in contents.indices { try append(key: none, value: $0, to: partition) }
    }
    self.rows = rows
  }

  private static func put(_ part: UnsafeRawBufferPointer, to contents: inout [UInt8]) {
    var rest = UInt64(part.count)
    while rest >= 0x80 {
      contents.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    contents.append(UInt8(truncatingIfNeeded: rest))
    contents.append(contentsOf: part)
  }

  /// One block a partition; the rows are gone then.
  mutating func finish() throws -> [[UInt8]] {
    let zstd = Zstd(level: 1)
    return try contents.indices.map { index in
      let rows = contents[index]
      contents[index] = []
      guard !rows.isEmpty else { return [] }
      var block = ByteWriter(reserving: rows.count / 2)
      block.count(rows.count)
      do {
        try zstd.compress(rows).withUnsafeBytes { block.raw($0) }
      } catch {
        throw TaskFailure.transient("compressing a shuffle block: \(error)")
      }
      return block.bytes
    }
  }

  /// The contents of a block.
  static func contents(_ block: [UInt8]) throws -> [UInt8] {
    if block.isEmpty { return [] }
    do {
      var reader = ByteReader(block)
      let length = try reader.count()
      guard length <= limit else { throw WireError.invalid("\(length) bytes") }
      let compressed = reader.remaining
      let contents = try reader.withRaw(compressed) { source in
        Result {
          try [UInt8](unsafeUninitializedCapacity: length) { target, count in
            let room = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: target[..<length]))
            count = try Zstd().decompress(source, into: room)
          }
        }
      }.get()
      guard contents.count == length else { throw WireError.invalid("\(contents.count) of \(length) bytes") }
      return contents
    } catch {
      throw TaskFailure.transient("a broken shuffle block: \(error)")
    }
  }

  /// Calls `body` with the places of key and value of each row.
  static func forEachRow(
    _ contents: UnsafeRawBufferPointer, _ body: (_ key: Range<Int>, _ value: Range<Int>) throws -> Void
  ) throws {
    var position = 0
    func part() throws -> Range<Int> {
      var length: UInt64 = 0
      var shift: UInt64 = 0
      while true {
        guard position < contents.count, shift < 63 else { throw broken }
        let byte = contents[position]
        position += 1
        length |= UInt64(byte & 0x7f) << shift
        if byte < 0x80 { break }
        shift += 7
      }
      guard length <= UInt64(contents.count - position) else { throw broken }
      defer { position += Int(length) }
      return position..<position + Int(length)
    }
    while position < contents.count { try body(part(), part()) }
  }

  private static var broken: TaskFailure { .transient("a shuffle block ends in the middle of a row") }

  /// A value of a row. What does not decode here was broken on its way.
  static func decode<T: Decodable>(_ bytes: UnsafeRawBufferPointer, _ type: T.Type = T.self) throws -> T {
    do {
      let reader = OrderedReader(bytes)
      let value = try reader.get(type)
      guard reader.isAtEnd else { throw RecordError("bytes after the end of a \(type)") }
      return value
    } catch let error as RecordError {
      throw TaskFailure.fatal("a row of a shuffle is no \(type): \(error.description)")
    }
  }
}
