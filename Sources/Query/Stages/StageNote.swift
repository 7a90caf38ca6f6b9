import Basics
import Formats
import Wire

/// What tasks report besides rows: it travels through the stages to the driver.
package struct StageNote: Sendable, Hashable, WireCodable {
  /// What became of the records of one table.
  package struct Table: Sendable, Hashable, WireCodable {
    /// The table's name in the query.
    package var name: String
    package var maxRejectedShare: Double
    package var rejected: RejectedRecords

    package init(name: String, maxRejectedShare: Double, rejected: RejectedRecords) {
      self.name = name
      self.maxRejectedShare = maxRejectedShare
      self.rejected = rejected
    }

    package init(from reader: inout ByteReader) throws(WireError) {
      name = try reader.string()
      maxRejectedShare = try reader.double()
      rejected = try reader.value()
    }

    package func encode(to writer: inout ByteWriter) {
      writer.string(name)
      writer.double(maxRejectedShare)
      writer.value(rejected)
    }
  }

  package private(set) var tables: [Table] = []

  package init() {}

  package init(from reader: inout ByteReader) throws(WireError) { tables = try reader.list() }

  package func encode(to writer: inout ByteWriter) { writer.list(tables) }

  /// Adds what became of later records of a table.
  package mutating func add(_ table: Table) {
    if let index = tables.firstIndex(where: { $0.name.hasSameBytes(as: table.name) }) {
      tables[index].rejected.append(table.rejected)
    } else {
      tables.append(table)
    }
  }

  package mutating func add(_ other: StageNote) { for table in other.tables { add(table) } }
}
