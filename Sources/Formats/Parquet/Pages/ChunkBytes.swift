import Storage

/// Reads the bytes of a column chunk from the file, in windows: a chunk of up to `windowBytes` with one read.
final class ChunkBytes {
  private static let windowBytes = 4 << 20

  private let reader: any ObjectReader
  /// File offset of the first byte that is not in the window.
  private var offset: Int64
  private var unread: Int
  private let memory = ScratchMemory()
  private var window = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  /// - Parameter range: Must be within the file.
  init(_ reader: any ObjectReader, _ range: Range<Int64>) {
    self.reader = reader
    offset = range.lowerBound
    unread = Int(range.upperBound - range.lowerBound)
  }

  var remaining: Int { window.count + unread }

  /// Returns the next bytes without consuming them: at least `count`, or all that remain. Valid until the next call.
  func peek(_ count: Int) throws -> UnsafeRawBufferPointer {
    if window.count < count, unread > 0 { try fill(count) }
    return UnsafeRawBufferPointer(window)
  }

  /// - Parameter count: At most the number of bytes that ``peek(_:)`` returned.
  func consume(_ count: Int) { window = .init(rebasing: window[count...]) }

  private func fill(_ count: Int) throws {
    let kept = window.count
    let more = min(unread, max(count - kept, Self.windowBytes))
    // The memory may be replaced by a larger one, so the rest of the window is moved by way of a copy.
    let rest = Array(window)
    let target = memory.bytes(kept + more)
    target.copyBytes(from: rest)
    let read = try reader.read(at: offset, into: .init(rebasing: target[kept...]))
    guard read == more else {
      throw ParquetFault.corrupt("\(more) bytes at \(offset), but the file ends after \(read) of them")
    }
    offset += Int64(more)
    unread -= more
    window = target
  }
}
