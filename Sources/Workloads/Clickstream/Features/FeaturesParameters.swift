import Storage
import Wire

/// What both stages of the step need to know.
struct FeaturesParameters: Hashable, Sendable, WireCodable {
  var range: TimeRange
  /// Milliseconds.
  var sessionGap: Int64
  /// The most rejected lines that are kept.
  var rejectedCap: Int
  var staging: StagingArea
  /// Bytes of aggregates of one run of a map task's output.
  var runBytes: Int

  /// A thousand years: timestamps plus or minus it never overflow.
  static let longestGap: Int64 = 31_557_600_000_000

  init(range: TimeRange, sessionGap: Int64, rejectedCap: Int, staging: StagingArea, runBytes: Int) {
    self.range = range
    self.sessionGap = sessionGap
    self.rejectedCap = rejectedCap
    self.staging = staging
    self.runBytes = runBytes
  }

  init(from reader: inout ByteReader) throws(WireError) {
    range = try reader.value()
    sessionGap = try reader.signed()
    rejectedCap = try reader.count()
    staging = try reader.value()
    runBytes = try reader.count()
    guard (0...FeaturesParameters.longestGap).contains(sessionGap) else {
      throw .invalid("session gap of \(sessionGap) ms")
    }
  }

  func encode(to writer: inout ByteWriter) {
    writer.value(range)
    writer.signed(sessionGap)
    writer.count(rejectedCap)
    writer.value(staging)
    writer.count(runBytes)
  }
}
