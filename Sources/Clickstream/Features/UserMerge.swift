import Engine
import Wire

/// Merges the blocks of one shuffle partition, in the order of the splits and of their runs, within the task's memory.
///
/// Where the table gets too large, the users are cut into ranges of their ids, each with a file: what is there goes into the files,
/// and so does every block that still comes, cut into the same ranges. Then range after range is merged like a partition of its
/// own. Each user's parts are added up in the same order as without files, so every bit of the sums is the same; and the ranges
/// come out in the order of the ids, which is that of the rows.
struct UserMerge {
  /// Ranges that a table is cut into.
  private static let ranges = 16
  /// Cuts of cuts; beyond, a table may grow: only a few users with endless pages and sessions get there.
  private static let deepest = 24

  private let parameters: FeaturesParameters
  private let task: any TaskContext
  /// Bytes of a table before it is cut. While it is written out, groupings, columns and row groups take about as much again.
  private let limit: Int
  /// Of all splits, in their order.
  private(set) var tally: ScanTally
  /// Bytes of blocks.
  private(set) var bytes = 0

  init(_ parameters: FeaturesParameters, _ task: any TaskContext) {
    self.parameters = parameters
    self.task = task
    limit = task.memory * 2 / 5
    tally = ScanTally(cap: parameters.rejectedCap)
  }

  /// - Parameter write: Takes finished tables, in the order of the users' ids.
  mutating func run(_ write: (consuming UserAggregates) throws -> Void) throws {
    var merge = self
    try merge.all(depth: 0, write) { body in
      try task.forEachShuffleBlock(upstream: 0) { map, block in
        try body(block, "shuffle block of map task \(map)")
      }
    }
    self = merge
  }

  private typealias Blocks = (_ body: (_ block: [UInt8], _ place: String) throws -> Void) throws -> Void

  private mutating func all(
    depth: Int, _ write: (consuming UserAggregates) throws -> Void, _ blocks: Blocks
  ) throws {
    var table = emptyTable
    var cut: UserRanges?
    try blocks { block, place in
      try task.checkCancelled()
      try merge(block, place, into: &table)
      if depth == 0 {
        bytes += block.count
        task.progress(rows: 0, bytes: block.count)
      }
      if cut == nil, table.byteCount > limit, depth < UserMerge.deepest, table.users.count > 1 {
        cut = try UserRanges(table, count: UserMerge.ranges, task)
      }
      if let cut {
        try cut.append(&table)
        table = emptyTable
      }
    }
    try task.checkCancelled()
    guard let cut else { return try write(table) }
    for file in cut.files {
      try all(depth: depth + 1, write) { body in
        while let block = try file.next() { try body(block, "spilled users") }
      }
    }
  }

  private var emptyTable: UserAggregates {
    // Tables of a task with ample memory need not grow at every doubling.
    UserAggregates(
      range: parameters.range, sessionGap: parameters.sessionGap,
      capacity: max(512, min(1 << 14, limit >> 12)))
  }

  private mutating func merge(_ block: [UInt8], _ place: String, into table: inout UserAggregates) throws {
    do {
      if let part = try UserBlockDecoder.merge(block, into: &table) { tally.append(part) }
    } catch let failure as TaskFailure {
      throw failure
    } catch {
      throw TaskFailure.transient("\(place): \(error)")
    }
  }
}

/// Users cut into ranges of the bytes of their ids, with a file each.
private struct UserRanges {
  /// The first id of every range but the first.
  private let boundaries: [[UInt8]]
  let files: [any SpillFile]

  /// Ranges with about the same number of the table's users.
  init(_ table: borrowing UserAggregates, count: Int, _ task: any TaskContext) throws {
    let order = FeatureTable.order(table.users)
    let count = min(count, order.count)
    boundaries = (1..<count).map { Array(table.users[Int(order[order.count * $0 / count])]) }
    files = try (0..<count).map { _ in try task.spill() }
  }

  func append(_ table: inout UserAggregates) throws {
    try UserBlock.encode(&table, tally: nil, parts: files.count) { table, user in
      range(of: table.users[user])
    } emit: {
      try files[$1].append($0)
    }
  }

  private func range(of id: UnsafeRawBufferPointer) -> Int {
    var low = 0
    var high = boundaries.count
    while low < high {
      let middle = (low + high) / 2
      if boundaries[middle].withUnsafeBytes({ FeatureTable.precedes(id, $0) }) {
        high = middle
      } else {
        low = middle + 1
      }
    }
    return low
  }
}
