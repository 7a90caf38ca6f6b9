import Foundation
import Shuffle

/// A record with its rank, both in byte form.
struct RankedRecord: Record {
  private let rank: Data
  private let record: Data

  init(rank: UnsafeRawBufferPointer, record: UnsafeRawBufferPointer) {
    self.rank = Data(rank)
    self.record = Data(record)
  }

  func withBytes<R>(
    _ body: (_ rank: UnsafeRawBufferPointer, _ record: UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    try rank.withUnsafeBytes { rank in try record.withUnsafeBytes { try body(rank, $0) } }
  }

  /// Orders by higher rank, then by smaller record. A total order, so the result does not depend on the order of arrival.
  static func precedes(_ a: RankedRecord, _ b: RankedRecord) -> Bool {
    a.withBytes { rank, record in
      b.withBytes { otherRank, otherRecord in
        let order = ByteOrder.compare(rank, otherRank)
        return order == 0 ? ByteOrder.precedes(record, otherRecord) : order > 0
      }
    }
  }
}

/// The best records so far. Public only because it is the partial result of `Aggregation.top`.
public struct TopRecords: Record {
  /// A heap with the worst record first.
  private(set) var records: [RankedRecord] = []

  init() {}

  /// Best first.
  var sorted: [RankedRecord] { records.sorted(by: RankedRecord.precedes) }

  /// Whether a record with that rank could be among the best. If not, the caller need not encode it.
  func mayHold(_ rank: UnsafeRawBufferPointer, limit: Int) -> Bool {
    guard records.count >= limit, let worst = records.first else { return limit > 0 }
    return worst.withBytes { worstRank, _ in ByteOrder.compare(worstRank, rank) <= 0 }
  }

  mutating func insert(_ record: RankedRecord, limit: Int) {
    guard limit > 0 else { return }
    if records.count < limit {
      records.append(record)
      siftUp()
    } else if RankedRecord.precedes(record, records[0]) {
      records[0] = record
      siftDown()
    }
  }

  private mutating func siftUp() {
    var index = records.count - 1
    while index > 0 {
      let parent = (index - 1) / 2
      guard RankedRecord.precedes(records[parent], records[index]) else { return }
      records.swapAt(parent, index)
      index = parent
    }
  }

  private mutating func siftDown() {
    var index = 0
    while true {
      let left = 2 * index + 1
      guard left < records.count else { return }
      let right = left + 1
      let worse = right < records.count && RankedRecord.precedes(records[left], records[right]) ? right : left
      guard RankedRecord.precedes(records[index], records[worse]) else { return }
      records.swapAt(worse, index)
      index = worse
    }
  }
}
