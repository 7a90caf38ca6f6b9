import Engine
import Shuffle
import Wire

/// Merges the blocks of one shuffle partition, in the order of the splits and their runs, within the task's memory.
struct UserMerge {
  private let parameters: FeaturesParameters
  private let task: any TaskContext
  private let tallies: Tallies

  fileprivate final class Tallies {
    var sum: ScanTally

    init(rejectedCap: Int) { sum = ScanTally(cap: rejectedCap) }
  }

  init(_ parameters: FeaturesParameters, _ task: any TaskContext) {
    self.parameters = parameters
    self.task = task
    tallies = Tallies(rejectedCap: parameters.rejectedCap)
  }

  /// The tallies of all splits, added up in order.
  var tally: ScanTally { tallies.sum }

  /// - Parameter write: Takes the finished tables, in the order of the user ids.
  /// - Returns: Bytes of blocks read.
  func run(_ write: (consuming UserAggregates) throws -> Void) throws -> Int {
    // Writing a table takes about as much memory again, for groupings, columns and row groups.
    let limit = task.memory * 2 / 5
    // With ample memory, tables start large enough not to grow at every doubling.
    let capacity = max(512, min(1 << 14, limit >> 12))
    let merge = SpillingMerge(task, limit: limit) { [parameters, tallies] in
      UserTable(parameters, capacity: capacity, tallies)
    }
    return try merge.run([.upstream(0)]) { try write($0.aggregates) }
  }
}

/// The general merge table for user aggregates. Blocks are columns of many users, merged with lookups side by side: several times
/// faster than key by key. So a block cannot be cut into ranges as it is; it is merged first.
private struct UserTable: MergeTable, ~Copyable {
  var aggregates: UserAggregates
  private let sessionGap: Int64
  private let capacity: Int
  private let tallies: UserMerge.Tallies

  init(_ parameters: FeaturesParameters, capacity: Int, _ tallies: UserMerge.Tallies) {
    aggregates = UserAggregates(
      range: parameters.range, sessionGap: parameters.sessionGap, capacity: capacity)
    sessionGap = parameters.sessionGap
    self.capacity = capacity
    self.tallies = tallies
  }

  var byteCount: Int { aggregates.byteCount }

  mutating func append(_ block: [UInt8], from source: Int) throws {
    if let part = try UserBlockDecoder.merge(block, into: &aggregates) { tallies.sum.append(part) }
  }

  func ranges(_ count: Int) -> KeyRanges? {
    let order = aggregates.users.sorted()
    return KeyRanges(count, keys: order.count) { Array(aggregates.users[Int(order[$0])]) }
  }

  mutating func spill(to files: RangeFiles) throws {
    try UserBlock.encode(&aggregates, tally: nil, parts: files.ranges.count) { table, user in
      files.ranges.range(of: table.users[user])
    } emit: {
      try files.append($0, to: $1)
    }
    aggregates = UserAggregates(range: aggregates.range, sessionGap: sessionGap, capacity: capacity)
  }
}
