import Basics
import Engine
import Formats
import Storage
import Wire

/// Rows on their way through a shuffle, a key and a value each, both byte forms; handed over in runs. A run is the length of its
/// contents (a varint), then the contents as one zstd frame; contents are rows: length of the key, key, length of the value,
/// value. No rows are no bytes.
package struct RowBlocks {
  /// The most bytes that the contents of a run may have.
  static let limit = 1 << 30
  /// Bytes of rows, over all partitions, that make a run. The same everywhere: how partial results are grouped must not
  /// depend on who computes.
  static let runBytes = 4 << 20

  private let context: any TaskContext
  private var contents: [[UInt8]]
  /// In all of `contents`.
  private var bytes = 0
  private(set) var rows = 0

  init(_ context: any TaskContext) throws {
    self.context = context
    guard (1...1 << 16).contains(context.outputPartitions) else {
      throw TaskFailure.fatal("\(context.outputPartitions) shuffle partitions")
    }
    contents = Array(repeating: [], count: context.outputPartitions)
  }

  var partitions: Int { contents.count }

  mutating func append(
    key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, to partition: Int
  ) throws {
    guard key.count + value.count < RowBlocks.limit - RowBlocks.runBytes - 32 else {
      throw TaskFailure.fatal("a record of \(key.count + value.count) bytes is too large for a shuffle")
    }
    RowBlocks.put(key, to: &contents[partition])
    RowBlocks.put(value, to: &contents[partition])
    bytes += key.count + value.count + 2
    rows += 1
    if bytes >= RowBlocks.runBytes { try flush() }
  }

  mutating func append(_ key: OrderedBytes, _ value: OrderedBytes, to partition: Int) throws {
    try key.bytes.withUnsafeBytes { key in
      try value.bytes.withUnsafeBytes { try append(key: key, value: $0, to: partition) }
    }
  }

  /// Hands over what is left.
  /// - Parameter note: What the task has to say of all rows: a last run of every partition. Other rows need keys then.
  mutating func finish(note: [UInt8]? = nil) throws {
    try flush()
    guard let note else { return }
    for partition in contents.indices {
      RowBlocks.put(.init(start: nil, count: 0), to: &contents[partition])
      note.withUnsafeBytes { RowBlocks.put($0, to: &contents[partition]) }
    }
    try flush()
  }

  /// The note, where the contents are one.
  package static func note(_ contents: [UInt8]) throws -> Range<Int>? {
    guard contents.first == 0 else { return nil }
    var found: Range<Int>?
    try contents.withUnsafeBytes { try forEachRow($0) { _, value in found = value } }
    return found
  }

  package static func put(_ part: UnsafeRawBufferPointer, to contents: inout [UInt8]) {
    var rest = UInt64(part.count)
    while rest >= 0x80 {
      contents.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    contents.append(UInt8(truncatingIfNeeded: rest))
    contents.append(contentsOf: part)
  }

  private mutating func flush() throws {
    let zstd = Zstd(level: 1)
    for partition in contents.indices where !contents[partition].isEmpty {
      var run = ByteWriter(reserving: contents[partition].count / 2)
      run.count(contents[partition].count)
      do {
        try zstd.compress(contents[partition]).withUnsafeBytes { run.raw($0) }
      } catch {
        throw TaskFailure.transient("compressing a shuffle block: \(error)")
      }
      contents[partition].removeAll(keepingCapacity: true)
      try context.emit(run.bytes, to: partition)
    }
    bytes = 0
  }

  /// The contents of a block.
  package static func contents(_ block: [UInt8]) throws -> [UInt8] {
    if block.isEmpty { return [] }
    do {
      var reader = ByteReader(block)
      let length = try reader.count()
      let compressed = reader.remaining
      guard length <= min(limit, Zstd.maxDecompressedSize(of: compressed)) else {
        throw WireError.invalid("\(length) bytes in a frame of \(compressed)")
      }
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
  package static func forEachRow(
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
