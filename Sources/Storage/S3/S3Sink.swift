/// Writes an object: in one request if it is small, else as an upload in parts, which are sent while the next one is filled.
/// Memory: ``parallel`` parts and the one being filled.
final class S3Sink: UploadSink {
  /// Parts in flight.
  private static let parallel = 3
  /// The limit of S3 for one upload.
  private static let mostParts = 10_000

  private struct Sending {
    let number: Int
    let block: ByteBlock
    let call: S3Call
  }

  private enum State { case open, closed, aborted }

  private let bucket: S3Bucket
  private let key: String
  /// False for a sink that leaves its upload for somebody else to complete.
  private let publishes: Bool
  private var started: S3Bucket.Upload?
  private var block: ByteBlock?
  private var free: [ByteBlock] = []
  private var sending: [Sending] = []
  private var next = 1
  private var bytes = 0
  private var state = State.open
  /// Those that the server has, in order.
  private var parts: [UploadPart] = []

  init(_ bucket: S3Bucket, key: String, publishes: Bool) {
    self.bucket = bucket
    self.key = key
    self.publishes = publishes
  }

  deinit { abort() }

  var upload: ObjectUpload? {
    guard state == .closed, let started else { return nil }
    return ObjectUpload(uri: bucket.uri(key), id: started.id, parts: parts, bytes: bytes)
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    try expectOpen()
    var rest = bytes
    while !rest.isEmpty {
      let block = block ?? nextBlock()
      self.block = block
      let taken = block.append(rest)
      rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      self.bytes += taken
      if block.count == block.capacity { try send(block) }
    }
  }

  func close() throws {
    if state == .closed { return }
    try expectOpen()
    if publishes, started == nil {
      let result = try bucket.put(key, block ?? ByteBlock(capacity: 1))
      guard case .done = result else {
        throw StorageError.invalid(location: bucket.uri(key), message: "the server refuses to store it")
      }
    } else {
      // An upload has at least one part, even if empty.
      if let block { try send(block) } else if next == 1 { try send(nextBlock()) }
      while !sending.isEmpty { try receive() }
      if publishes, let started {
        try bucket.finishComplete(try bucket.startComplete(started, parts), bytes: bytes)
      }
    }
    state = .closed
    free = []
    block = nil
  }

  func abort() {
    guard state == .open else { return }
    state = .aborted
    for part in sending { part.call.cancel() }
    sending = []
    free = []
    block = nil
    // If this fails, the job or the next run aborts it.
    if let started { _ = try? bucket.startAbort(started).finish() }
  }

  /// Larger objects get larger parts, so that 10,000 suffice.
  private func nextBlock() -> ByteBlock {
    let size = bucket.client.configuration.partBytes << min(4, (next - 1) / 2000)
    if let index = free.lastIndex(where: { $0.capacity == size }) {
      let block = free.remove(at: index)
      block.count = 0
      return block
    }
    free = []
    return ByteBlock(capacity: size)
  }

  private func send(_ full: ByteBlock) throws {
    block = nil
    guard next <= S3Sink.mostParts else {
      throw StorageError.invalid(
        location: bucket.uri(key),
        message: "is too large for \(S3Sink.mostParts) parts; set a larger s3.partBytes")
    }
    let upload = try started ?? bucket.createUpload(key)
    started = upload
    while sending.count >= S3Sink.parallel { try receive() }
    sending.append(
      Sending(number: next, block: full, call: try bucket.startPart(upload, number: next, full)))
    next += 1
  }

  /// Waits for the oldest part.
  private func receive() throws {
    let first = sending.removeFirst()
    let response = try first.call.finish()
    guard let eTag = response.headers["etag"], !eTag.isEmpty else {
      throw StorageError.corrupt(
        location: bucket.uri(key), message: "the server accepted part \(first.number) without an ETag")
    }
    parts.append(UploadPart(number: first.number, eTag: eTag))
    free.append(first.block)
  }

  private func expectOpen() throws {
    guard state == .open else {
      throw StorageError.invalid(
        location: bucket.uri(key), message: "was written to after it was closed or aborted")
    }
  }
}
