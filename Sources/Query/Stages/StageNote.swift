import Basics
import Formats
import Wire

/// What tasks report besides rows: it travels through the stages to the driver.
package struct StageNote: Sendable, Hashable, WireCodable {
  package var rejected: RejectedRecords

  package init(rejected: RejectedRecords) { self.rejected = rejected }

  package init(from reader: inout ByteReader) throws(WireError) {
    rejected = try RejectedRecords(from: &reader)
  }

  package func encode(to writer: inout ByteWriter) { writer.value(rejected) }
}
