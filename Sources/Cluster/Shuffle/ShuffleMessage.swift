import Wire

/// Asks a worker for one partition's blocks of some of its map outputs of one stage.
struct FetchRequest: WireCodable {
  static let frameType: UInt8 = 128

  let stage: StageID
  let partition: Int
  let maps: [UInt32]
  let attempts: [UInt32]

  init(stage: StageID, partition: Int, maps: [UInt32], attempts: [UInt32]) {
    self.stage = stage
    self.partition = partition
    self.maps = maps
    self.attempts = attempts
  }

  init(from reader: inout ByteReader) throws(WireError) {
    stage = try reader.value()
    partition = try reader.count()
    maps = try reader.array()
    attempts = try reader.array()
    guard maps.count == attempts.count else { throw .invalid("fetch request") }
  }

  func encode(to writer: inout ByteWriter) {
    writer.value(stage)
    writer.count(partition)
    writer.array(maps)
    writer.array(attempts)
  }

  func attempt(_ index: Int) -> TaskAttemptID {
    let task = TaskID(stage: stage, partition: Int(maps[index]))
    return TaskAttemptID(task: task, attempt: Int(attempts[index]))
  }
}

/// Blocks for the first maps of a request, as many as fit into one frame; the asker asks again for the rest. It ends
/// before the first block that is not there.
struct FetchReply: WireCodable {
  static let frameType: UInt8 = 129
  /// Blocks are added to a reply until it has this many bytes.
  static let softLimit = 32 << 20

  var blocks: [[UInt8]] = []
  /// The block after the last one is not here.
  var isMissing = false

  init() {}

  init(from reader: inout ByteReader) throws(WireError) {
    isMissing = try reader.bool()
    let count = try reader.count()
    guard count <= reader.remaining else { throw .truncated(needed: count, available: reader.remaining) }
    blocks.reserveCapacity(count)
    for _ in 0..<count { blocks.append(try reader.blob()) }
  }

  func encode(to writer: inout ByteWriter) {
    writer.bool(isMissing)
    writer.count(blocks.count)
    for block in blocks { writer.blob(block) }
  }
}
