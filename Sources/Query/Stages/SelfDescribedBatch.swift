import Basics
import Columns
import Wire

/// A batch with its fields: rows that are part of a plan, or on their way to the client.
package struct SelfDescribedBatch: Sendable, WireCodable {
  package let batch: ColumnBatch

  package init(_ batch: ColumnBatch) { self.batch = batch }

  package init(from reader: inout ByteReader) throws(WireError) {
    let fields: [ColumnField] = try reader.list()
    batch = try ColumnBatch(fields, from: &reader)
  }

  package func encode(to writer: inout ByteWriter) {
    writer.list(batch.fields)
    batch.encode(to: &writer)
  }
}
