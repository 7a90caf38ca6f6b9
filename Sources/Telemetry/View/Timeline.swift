import Basics
import Wire

/// What each worker ran, in a fixed number of time columns. When they are full, pairs of columns are merged, so
/// a long job needs no more memory than a short one.
package struct Timeline: Sendable {
  package static let columns = 240
  /// Further workers share a lane.
  package static let laneLimit = 200

  package struct Cell: Hashable, Sendable {
    /// Microseconds of running attempts, summed over slots.
    package var busy: Int64 = 0
    /// Index of the stage group with the most time.
    package var group: Int32 = -1
    package var failed: UInt32 = 0
    /// Limits the times of forged logs.
    private static let longest: Int64 = 1 << 60
    /// The lead of that group.
    package var lead: Int64 = 0

    package mutating func add(_ time: Int64, _ other: Int32) {
      busy = min(busy + time, Cell.longest)
      // Majority vote: exact if one group has more than half, approximate otherwise.
      if other == group {
        lead = min(lead + time, Cell.longest)
      } else if lead >= time {
        lead -= time
      } else {
        group = other
        lead = time - lead
      }
    }

    package static func joined(_ a: Cell, _ b: Cell) -> Cell {
      var cell = a
      if b.busy > 0 { cell.add(b.busy, b.group) }
      cell.failed = a.failed &+ b.failed
      return cell
    }
  }

  /// The worker; nil for the shared lane.
  package private(set) var lanes: [(worker: WorkerID?, cells: [Cell])] = []
  private var index: [WorkerID: Int] = [:]
  package private(set) var start: Moment?
  /// Microseconds.
  package private(set) var width: Int64 = 2_000

  package init() {}

  package mutating func add(
    _ worker: WorkerID, from started: Moment, to ended: Moment, group: Int, failed: Bool
  ) {
    let origin = start ?? started
    start = origin
    let from = max(0, started.microseconds - origin.microseconds)
    let end = max(from + 1, ended.microseconds - origin.microseconds)
    // A broken clock must not cause an endless loop.
    while end > width * Int64(Timeline.columns), width < 1 << 50 { coarsen() }
    let last = min(Int((end - 1) / width), Timeline.columns - 1)
    let lane = lane(of: worker)
    for column in min(Int(from / width), last)...last {
      let begin = Int64(column) * width
      let time = max(1, min(end, begin + width) - max(from, begin))
      lanes[lane].cells[column].add(time, Int32(clamping: group))
    }
    if failed { lanes[lane].cells[last].failed &+= 1 }
  }

  private mutating func lane(of worker: WorkerID) -> Int {
    if let known = index[worker] { return known }
    if lanes.count == Timeline.laneLimit { return lanes.count - 1 }
    let isLast = lanes.count == Timeline.laneLimit - 1
    lanes.append((isLast ? nil : worker, Array(repeating: Cell(), count: Timeline.columns)))
    if !isLast { index[worker] = lanes.count - 1 }
    return lanes.count - 1
  }

  private mutating func coarsen() {
    width *= 2
    for lane in lanes.indices {
      let cells = lanes[lane].cells
      for column in 0..<Timeline.columns {
        let pair = 2 * column
        lanes[lane].cells[column] =
          pair + 1 < Timeline.columns ? Cell.joined(cells[pair], cells[pair + 1]) : Cell()
      }
    }
  }
}
