import Basics
import Storage

/// The result of a reduce task.
package struct FeaturesResult: Hashable, Sendable, WireCodable {
  /// Bytes of rejected lines that travel to the driver if the step fails because of them.
  private static let mostRejectedBytes = 4 << 20

  package var files: [StagedFile] = []
  package var sideFiles: [StagedFile] = []
  package let rows: Int
  /// The tally of all splits, from partition 0; empty from the others.
  package let tally: ScanTally

  /// - Parameter fails: The step will fail because of the rejected lines, so that all that were kept are needed.
  package init(rows: Int, tally: ScanTally, fails: Bool) {
    self.rows = rows
    self.tally = tally.reported(fails: fails, bytes: FeaturesResult.mostRejectedBytes)
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    files = try reader.list()
    sideFiles = try reader.list()
    rows = try reader.count()
    tally = try reader.value()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.list(files)
    writer.list(sideFiles)
    writer.count(rows)
    writer.value(tally)
  }
}
