/// Reads an object in ranges. Announced ranges are fetched ahead while the caller works on the one before; other reads fetch what they need,
/// large ones in parallel. Every request names the listed version, so bytes of two versions never mix.
///
/// Memory: ``parallel`` ranges and the one being read. Blocking; one thread at a time.
final class S3Reader: ObjectReader {
  private static let rangeBytes: Int64 = 8 << 20
  /// Ranges in flight.
  private static let parallel = 3
  /// The least to fetch: a small read is often followed by one beside it (a Parquet footer).
  private static let leastBytes: Int64 = 256 << 10

  private struct Piece {
    let range: Range<Int64>
    let block: ByteBlock
    /// nil once the bytes have arrived.
    var call: S3Call?
  }

  let info: ObjectInfo
  private let bucket: S3Bucket
  private let key: String
  /// The announced bytes that are not requested yet.
  private var ahead: Range<Int64> = 0..<0
  private var announced: Range<Int64> = 0..<0
  /// In order, without gaps; the first piece is being read.
  private var window: [Piece] = []
  /// Fetched for a small read.
  private var small: Piece?
  private var free: [ByteBlock] = []

  init(_ info: ObjectInfo, _ bucket: S3Bucket, key: String) {
    self.info = info
    self.bucket = bucket
    self.key = key
  }

  func expect(_ range: Range<Int64>) {
    announced = range.clamped(to: 0..<info.size)
    restart(at: announced.lowerBound)
  }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard offset >= 0 else {
      throw StorageError.invalid(location: info.uri, message: "cannot read at offset \(offset)")
    }
    guard offset < info.size, !buffer.isEmpty else { return 0 }
    let end = offset + min(Int64(buffer.count), info.size - offset)
    var position = offset
    while position < end {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[Int(position - offset)..<Int(end - offset)])
      if announced.contains(position) {
        position += Int64(try copyFromWindow(position, rest))
      } else if let small, small.range.contains(position) {
        position += Int64(S3Reader.copy(small, from: position, rest))
      } else if end - position < S3Reader.leastBytes {
        try fetchSmall(position)
      } else {
        try fetch(position..<end, rest)
        position = end
      }
    }
    return Int(end - offset)
  }

  // MARK: - Announced reads

  /// - Returns: Bytes copied, at least 1.
  private func copyFromWindow(_ position: Int64, _ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    if let first = window.first, let last = window.last,
      !(first.range.lowerBound..<last.range.upperBound).contains(position)
    {
      restart(at: position)
    } else if window.isEmpty {
      restart(at: position)
    }
    while let first = window.first, first.range.upperBound <= position {
      // Skipped bytes may still arrive in the block, so it cannot be reused.
      if first.call == nil { free.append(first.block) } else { first.call?.cancel() }
      window.removeFirst()
      fill()
    }
    guard !window.isEmpty else {
      throw StorageError.corrupt(location: info.uri, message: "byte \(position) was not fetched")
    }
    if let call = window[0].call {
      _ = try call.finish()
      window[0].call = nil
    }
    return S3Reader.copy(window[0], from: position, buffer)
  }

  private func restart(at position: Int64) {
    for piece in window { piece.call?.cancel() }
    window = []
    ahead = position..<max(position, announced.upperBound)
    fill()
  }

  private func fill() {
    while window.count <= S3Reader.parallel, !ahead.isEmpty {
      var end = min(ahead.lowerBound + S3Reader.rangeBytes, ahead.upperBound)
      // No small piece at the end.
      if ahead.upperBound - end < S3Reader.rangeBytes / 4 { end = ahead.upperBound }
      let range = ahead.lowerBound..<end
      let block = block(Int(min(S3Reader.rangeBytes * 5 / 4, announced.upperBound - announced.lowerBound)))
      let call = bucket.startGet(key, range: range, eTag: info.version, into: block)
      window.append(Piece(range: range, block: block, call: call))
      ahead = end..<ahead.upperBound
    }
  }

  private func block(_ capacity: Int) -> ByteBlock {
    if let block = free.popLast(), block.capacity >= capacity { return block }
    return ByteBlock(capacity: capacity)
  }

  // MARK: - Other reads

  private func fetchSmall(_ position: Int64) throws {
    let start = max(0, min(position, info.size - S3Reader.leastBytes))
    let range = start..<min(info.size, start + S3Reader.leastBytes)
    let block = ByteBlock(capacity: range.count)
    _ = try bucket.startGet(key, range: range, eTag: info.version, into: block).finish()
    small = Piece(range: range, block: block, call: nil)
  }

  private func fetch(_ range: Range<Int64>, _ buffer: UnsafeMutableRawBufferPointer) throws {
    var pieces: [Piece] = []
    var start = range.lowerBound
    func finishFirst() throws {
      let piece = pieces.removeFirst()
      _ = try piece.call?.finish()
      let offset = Int(piece.range.lowerBound - range.lowerBound)
      _ = S3Reader.copy(
        piece, from: piece.range.lowerBound, UnsafeMutableRawBufferPointer(rebasing: buffer[offset...]))
      free.append(piece.block)
    }
    while start < range.upperBound {
      if pieces.count > S3Reader.parallel { try finishFirst() }
      let end = min(start + S3Reader.rangeBytes, range.upperBound)
      let block = block(Int(S3Reader.rangeBytes))
      let call = bucket.startGet(key, range: start..<end, eTag: info.version, into: block)
      pieces.append(Piece(range: start..<end, block: block, call: call))
      start = end
    }
    while !pieces.isEmpty { try finishFirst() }
    // Such a reader is idle between reads, often for good.
    free = []
  }

  private static func copy(_ piece: Piece, from position: Int64, _ buffer: UnsafeMutableRawBufferPointer)
    -> Int
  {
    let start = Int(position - piece.range.lowerBound)
    let count = min(buffer.count, piece.block.count - start)
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: piece.block.bytes[start..<start + count]))
    return count
  }
}
