import Storage

/// A window of text that moves over a source, for scanners that take records off its front.
final class RecordBuffer {
  /// Bytes that may be read past the window.
  static let padding = 64

  private let source: any ByteSource
  private let uri: String
  private var memory: UnsafeMutableRawPointer
  private var capacity: Int
  private var head = 0
  private var filled = 0
  /// Offset of the window in the text.
  private(set) var offset: Int64
  /// No bytes follow the window.
  private(set) var isFinal = false
  private let longest: Int
  /// The source is the beginning of a text: its end is not the end of a record.
  private let isCut: Bool
  private var hasEnded = false

  /// A record goes on past the end of a source that is cut.
  struct Cut: Error {}

  /// - Parameters:
  ///   - offset: Offset of the first byte of the source in the text.
  ///   - longest: A longer record is an error.
  init(
    _ source: any ByteSource, uri: String, offset: Int64, bytes: Int = 2 << 20, longest: Int,
    isCut: Bool = false
  ) {
    self.source = source
    self.uri = uri
    self.offset = offset
    self.longest = longest
    self.isCut = isCut
    capacity = max(64, min(bytes, longest))
    memory = .allocate(byteCount: capacity + RecordBuffer.padding, alignment: 64)
  }

  deinit { memory.deallocate() }

  var count: Int { filled - head }

  /// The first byte of the window.
  var base: UnsafePointer<UInt8> { UnsafePointer((memory + head).assumingMemoryBound(to: UInt8.self)) }

  func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: memory + head + range.lowerBound, count: range.count)
  }

  func drop(_ count: Int) {
    head += count
    offset += Int64(count)
  }

  /// Fills the window if less than half of it is left.
  func refill() throws {
    if count < capacity / 2, !hasEnded { try fill() }
  }

  /// Reads more bytes, because the window holds no whole record.
  func extend() throws {
    if hasEnded { throw Cut() }
    if count == capacity {
      guard count < longest else {
        throw StorageError.corrupt(
          location: "\(uri): byte \(offset)",
          message: "a record is over \(longest >> 20) MiB long; is a quote or a line end missing?")
      }
      let larger = min(longest, capacity * 2)
      let moved = UnsafeMutableRawPointer.allocate(byteCount: larger + RecordBuffer.padding, alignment: 64)
      moved.copyMemory(from: memory + head, byteCount: count)
      (filled, head) = (count, 0)
      memory.deallocate()
      memory = moved
      capacity = larger
    }
    try fill()
  }

  private func fill() throws {
    if head > 0 {
      memory.copyMemory(from: memory + head, byteCount: count)
      (filled, head) = (count, 0)
    }
    while filled < capacity {
      let room = UnsafeMutableRawBufferPointer(start: memory + filled, count: capacity - filled)
      let read = try source.read(into: room)
      if read == 0 {
        hasEnded = true
        isFinal = !isCut
        break
      }
      filled += read
    }
    // Scanners look at bytes past the end.
    (memory + filled).initializeMemory(as: UInt8.self, repeating: 0, count: RecordBuffer.padding)
  }
}
