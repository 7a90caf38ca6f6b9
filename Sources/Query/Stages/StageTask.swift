import Basics
import Formats
import Wire

/// The input of a query task: the branch of its stage's plan, and the split that it scans.
package struct StageTask: Sendable, WireCodable {
  package var branch: Int
  package var split: FileTableSplit?

  package init(branch: Int, split: FileTableSplit? = nil) {
    self.branch = branch
    self.split = split
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    branch = try reader.count()
    split = try reader.optional()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.count(branch)
    writer.optional(split)
  }
}
