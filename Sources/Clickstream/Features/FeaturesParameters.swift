import Basics
import Storage

/// What the tasks of both stages need to know.
package struct FeaturesParameters: Hashable, Sendable, WireCodable {
  package var range: TimeRange
  /// Milliseconds.
  package var sessionGap: Int64
  /// The most rejected lines that are kept.
  package var rejectedCap: Int
  package var staging: StagingArea
  /// Bytes of aggregates of one run of a map task's output.
  package var runBytes: Int
  /// If more than this share of the lines is rejected, the step fails and keeps them.
  package var maxRejectedShare: Double

  /// A thousand years: timestamps plus or minus it never overflow.
  static let longestGap: Int64 = 31_557_600_000_000

  package init(
    range: TimeRange, sessionGap: Int64, rejectedCap: Int, staging: StagingArea, runBytes: Int,
    maxRejectedShare: Double
  ) {
    self.range = range
    self.sessionGap = sessionGap
    self.rejectedCap = rejectedCap
    self.staging = staging
    self.runBytes = runBytes
    self.maxRejectedShare = maxRejectedShare
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      range: try reader.value(), sessionGap: try reader.signed(), rejectedCap: try reader.count(),
      staging: try reader.value(), runBytes: try reader.count(), maxRejectedShare: try reader.double())
    guard (0...FeaturesParameters.longestGap).contains(sessionGap) else {
      throw .invalid("session gap of \(sessionGap) ms")
    }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.value(range)
    writer.signed(sessionGap)
    writer.count(rejectedCap)
    writer.value(staging)
    writer.count(runBytes)
    writer.double(maxRejectedShare)
  }
}
