import Basics
import Wire

/// Asks a worker for one partition's blocks of some of its map outputs of one stage, in this order.
package struct FetchRequest: WireCodable {
  package static let frameType: UInt8 = 128

  let stage: StageID
  let partition: Int
  let maps: [UInt32]
  let attempts: [UInt32]
  /// Bytes of the first block that the requester already has.
  let offset: Int
  /// Approximate limit of bytes in the answer; at least 1.
  let limit: Int

  package init(
    stage: StageID, partition: Int, maps: [UInt32], attempts: [UInt32], offset: Int = 0, limit: Int = .max
  ) {
    self.stage = stage
    self.partition = partition
    self.maps = maps
    self.attempts = attempts
    self.offset = offset
    self.limit = limit
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    stage = try reader.value()
    partition = try reader.count()
    maps = try reader.array()
    attempts = try reader.array()
    offset = try reader.count()
    limit = try reader.count()
    guard maps.count == attempts.count, limit > 0 else { throw .invalid("fetch request") }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.value(stage)
    writer.count(partition)
    writer.array(maps)
    writer.array(attempts)
    writer.count(offset)
    writer.count(limit)
  }

  func attempt(_ index: Int) -> TaskAttemptID {
    let task = TaskID(stage: stage, partition: Int(maps[index]))
    return TaskAttemptID(task: task, attempt: Int(attempts[index]))
  }
}

/// As much of the requested blocks as fits; the requester asks again for the rest. It ends before the first missing
/// block.
package struct FetchReply: WireCodable {
  package static let frameType: UInt8 = 129
  /// Bytes of an answer, well below what a frame may have.
  static let largest = Frame.maximumPayload / 4
  /// Bytes on the wire around those of a piece, at most.
  private static let pieceOverhead = 24

  package struct Piece: WireCodable, Sendable {
    /// Bytes of one run.
    var bytes: [UInt8]
    /// Checksum of the whole run, sent with its last bytes.
    var runChecksum: UInt64?
    /// The block has no more runs.
    var endsBlock: Bool

    package init(bytes: [UInt8], runChecksum: UInt64?, endsBlock: Bool) {
      self.bytes = bytes
      self.runChecksum = runChecksum
      self.endsBlock = endsBlock
    }

    package init(from reader: inout ByteReader) throws(WireError) {
      bytes = try reader.blob()
      runChecksum = try reader.bool() ? try reader.integer() : nil
      endsBlock = try reader.bool()
    }

    package func encode(to writer: inout ByteWriter) {
      writer.blob(bytes)
      writer.bool(runChecksum != nil)
      if let runChecksum { writer.integer(runChecksum) }
      writer.bool(endsBlock)
    }
  }

  package var pieces: [Piece] = []
  /// The block after the last complete one is missing or corrupt.
  package var isMissing = false

  package init() {}

  package init(from reader: inout ByteReader) throws(WireError) {
    isMissing = try reader.bool()
    pieces = try reader.list()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.bool(isMissing)
    writer.list(pieces)
  }

  /// Answers a request from a store.
  /// - Parameter limit: Approximate limit of bytes in the answer.
  init(_ request: FetchRequest, from store: BlockStore, limit: Int) {
    var room = min(request.limit, limit)
    var skipped = request.offset
    for index in request.maps.indices where room > 0 {
      guard let runs = store.runs(of: request.attempt(index), partition: request.partition) else {
        isMissing = true
        return
      }
      if runs.isEmpty { pieces.append(Piece(bytes: [], runChecksum: nil, endsBlock: true)) }
      for (number, run) in runs.enumerated() {
        if skipped >= run.count {
          skipped -= run.count
          continue
        }
        guard room > 0 else { return }
        guard let bytes = run.bytes(from: skipped, count: room) else {
          isMissing = true
          return
        }
        let isWhole = skipped + bytes.count == run.count
        pieces.append(
          Piece(
            bytes: bytes, runChecksum: isWhole ? run.checksum : nil,
            endsBlock: isWhole && number == runs.count - 1))
        room -= bytes.count + FetchReply.pieceOverhead
        skipped = 0
        if !isWhole { return }
      }
      skipped = 0
    }
  }
}
