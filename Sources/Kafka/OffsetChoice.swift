/// Start or end of reading, as in job files.
package enum OffsetChoice: Hashable, Sendable, CustomStringConvertible {
  /// The first available offset of each partition.
  case earliest
  /// The offset after the last visible one: with `isolation.level` `read_committed`, the default, before any
  /// open transaction.
  case latest
  /// One offset per partition.
  case explicit([Int32: Int64])
  /// The first offset with a Kafka timestamp (milliseconds since 1970 UTC) at or after this one, else the latest.
  case timestamp(Int64)

  package static let expected =
    "earliest, latest, offsets like 0:1500,1:1498, or a UTC time like 2025-04-01T00:00:00Z"

  /// - Parameter time: Reads an ISO-8601 time as milliseconds since 1970 UTC.
  package init?(_ text: String, time: (String) -> Int64?) {
    switch text {
    case "earliest": self = .earliest
    case "latest": self = .latest
    default:
      if let offsets = OffsetChoice.offsets(text) {
        self = .explicit(offsets)
      } else if let time = time(text) {
        self = .timestamp(time)
      } else {
        return nil
      }
    }
  }

  private static func offsets(_ text: String) -> [Int32: Int64]? {
    var offsets: [Int32: Int64] = [:]
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = item.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let partition = Int32(parts[0]), let offset = Int64(parts[1]), partition >= 0,
        offset >= 0, offsets.updateValue(offset, forKey: partition) == nil
      else { return nil }
    }
    return offsets
  }

  package var description: String {
    switch self {
    case .earliest: "earliest"
    case .latest: "latest"
    case .explicit(let offsets):
      offsets.sorted { $0.key < $1.key }.map { "\($0):\($1)" }.joined(separator: ",")
    case .timestamp(let time): "timestamp \(time)"
    }
  }
}
