import Foundation

/// A record with its rank, both as byte forms.
struct RankedRecord: Record {
  private let rankForm: Data
  private let form: Data

  init(rank: [UInt8], record: [UInt8]) {
    rankForm = Data(rank)
    form = Data(record)
  }

  var rank: [UInt8] { Array(rankForm) }
  var bytes: [UInt8] { Array(form) }

  /// Higher rank first; of equals the smaller record. A total order: no result depends on which record came first.
  static func precedes(_ a: RankedRecord, _ b: RankedRecord) -> Bool {
    let order = compare(a.rankForm, b.rankForm)
    return order == 0 ? compare(a.form, b.form) < 0 : order > 0
  }

  static func compare(_ a: Data, _ b: Data) -> Int {
    a.withUnsafeBytes { a in b.withUnsafeBytes { ByteOrder.compare(a, $0) } }
  }

  func isBelow(_ rank: [UInt8]) -> Bool {
    rankForm.withUnsafeBytes { own in rank.withUnsafeBytes { ByteOrder.compare(own, $0) <= 0 } }
  }
}

/// The best records seen so far, best first. Public only as the partial result of `Aggregation.top`.
public struct TopRecords: Record {
  private(set) var records: [RankedRecord] = []

  init() {}

  /// Whether a record of that rank could be among the best: asked before its byte form is made.
  func mayHold(_ rank: [UInt8], limit: Int) -> Bool {
    guard let last = records.last, records.count >= limit else { return limit > 0 }
    return last.isBelow(rank)
  }

  mutating func insert(_ record: RankedRecord, limit: Int) {
    guard limit > 0 else { return }
    if records.count >= limit, let last = records.last {
      guard RankedRecord.precedes(record, last) else { return }
      records.removeLast()
    }
    var low = 0
    var high = records.count
    while low < high {
      let middle = (low + high) / 2
      if RankedRecord.precedes(record, records[middle]) { high = middle } else { low = middle + 1 }
    }
    records.insert(record, at: low)
  }
}
