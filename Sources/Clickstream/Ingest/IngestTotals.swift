import Kafka
import Storage

/// The numbers of one run, or of all runs so far.
struct IngestTotals: Hashable, Sendable {
  /// Messages that are not blank, including rejected ones.
  private(set) var recordsRead = 0
  /// By `RejectReason.rawValue`.
  private var rejected = [Int](repeating: 0, count: RejectReason.allCases.count + 1)
  /// Offsets that were deleted before they were read.
  private(set) var lostOffsets: Int64 = 0

  init() {}

  init(_ parts: [IngestResult], lost: [OffsetRange] = []) {
    for part in parts {
      recordsRead &+= part.tally.read
      for index in rejected.indices { rejected[index] &+= part.tally.rejectedByReason[index] }
      lostOffsets &+= part.lost
    }
    lostOffsets &+= lost.reduce(0) { $0 + $1.count }
  }

  init(_ manifest: Manifest) {
    func number(_ name: String) -> Int { manifest.extra[name].flatMap(Int.init) ?? 0 }
    recordsRead = number("recordsRead")
    for reason in RejectReason.allCases { rejected[Int(reason.rawValue)] = number("rejected: \(reason)") }
    lostOffsets = Int64(number("lostOffsets"))
  }

  mutating func append(_ other: IngestTotals) {
    recordsRead &+= other.recordsRead
    for index in rejected.indices { rejected[index] &+= other.rejected[index] }
    lostOffsets &+= other.lostOffsets
  }

  var recordsRejected: Int { rejected.reduce(0) { $0 &+ $1 } }

  /// Reasons that occurred, in their order.
  var rejectedByReason: [(reason: RejectReason, count: Int)] {
    RejectReason.allCases.map { ($0, rejected[Int($0.rawValue)]) }.filter { $0.1 > 0 }
  }

  /// `malformed JSON 3, missing user_id 1`
  var reasons: String { rejectedByReason.map { "\($0.reason) \($0.count)" }.joined(separator: ", ") }

  var extra: [String: String] {
    var extra = ["recordsRead": "\(recordsRead)"]
    for (reason, count) in rejectedByReason { extra["rejected: \(reason)"] = "\(count)" }
    if lostOffsets > 0 { extra["lostOffsets"] = "\(lostOffsets)" }
    return extra
  }
}
