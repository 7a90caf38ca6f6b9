import Kafka
import Storage

/// The numbers of one run, or of all runs so far.
struct IngestTotals: Hashable, Sendable {
  /// Messages that are not blank, including rejected ones.
  private(set) var recordsRead = 0
  private(set) var rejected = RejectCounts()
  /// Offsets that were deleted before they were read.
  private(set) var lostOffsets: Int64 = 0

  init() {}

  init(_ parts: [IngestResult], lost: [OffsetRange] = []) {
    for part in parts {
      recordsRead &+= part.tally.read
      rejected += part.tally.rejected
      lostOffsets &+= part.lost
    }
    lostOffsets &+= lost.reduce(0) { $0 + $1.count }
  }

  init(_ manifest: Manifest) {
    recordsRead = manifest.count("recordsRead")
    rejected = RejectCounts(manifest)
    lostOffsets = Int64(manifest.count("lostOffsets"))
  }

  mutating func append(_ other: IngestTotals) {
    recordsRead &+= other.recordsRead
    rejected += other.rejected
    lostOffsets &+= other.lostOffsets
  }

  var extra: [String: String] {
    var extra = rejected.extra
    extra["recordsRead"] = "\(recordsRead)"
    if lostOffsets > 0 { extra["lostOffsets"] = "\(lostOffsets)" }
    return extra
  }
}
