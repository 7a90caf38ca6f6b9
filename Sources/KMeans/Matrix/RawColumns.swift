import Basics
import Columns
import Wire

/// The first unusable value of a shard.
package struct ValueFault: Hashable, Sendable, WireCodable {
  package var location: String
  package var message: String

  package init(location: String, message: String) {
    self.location = location
    self.message = message
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(location: try reader.string(), message: try reader.string())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(location)
    writer.string(message)
  }
}

/// The columns of a shard as float64, before the transform.
package struct RawColumns: Sendable {
  package var columns: [[Double]]
  package var rows: Int
  package var fault: ValueFault?
  /// The row of the fault; nil if there is none.
  package var faultRow: Int?

  /// Sums of squares of larger values could overflow to infinity.
  package static let largest = 1e140

  /// - Parameter fill: Replacement for nulls and NaN; nil makes them a fault.
  package init(_ shard: ShardInput, columns names: [String], fill: Double?, settings: Settings) throws {
    let batch = try shard.read(names, settings: settings)
    rows = batch.rows
    columns = []
    columns.reserveCapacity(names.count)
    var first: (row: Int, column: Int, message: String)?
    for (index, column) in batch.columns.enumerated() {
      var values = try RawColumns.doubles(column.values, batch.fields[index])
      // Report the first faulty row across all columns; later rows need no check.
      if let row = RawColumns.repair(&values, validity: column.validity, fill: fill),
        row < first?.row ?? .max
      {
        first = (
          row, index, RawColumns.complaint(values[row], isNull: column.validity.map { !$0[row] } ?? false)
        )
      }
      columns.append(values)
    }
    faultRow = first?.row
    fault = first.map {
      ValueFault(
        location:
          "\(shard.object.uri), row \(shard.firstRowOfFile + $0.row) (counted from 0), column '\(names[$0.column])'",
        message: $0.message)
    }
  }

  package var bytes: Int { columns.count * rows * MemoryLayout<Double>.stride }

  /// Replaces missing values with `fill`.
  /// - Returns: The first unusable row, or nil if there is none.
  private static func repair(_ values: inout [Double], validity: [Bool]?, fill: Double?) -> Int? {
    for row in values.indices {
      let isNull = validity.map { !$0[row] } ?? false
      if !isNull, values[row].magnitude <= largest { continue }
      guard isNull || values[row].isNaN, let fill else { return row }
      values[row] = fill
    }
    return nil
  }

  private static func complaint(_ value: Double, isNull: Bool) -> String {
    if isNull { return "is null; give 'fill' a value for missing numbers, or leave the column out" }
    if value.isNaN { return "is NaN; give 'fill' a value for missing numbers, or leave the column out" }
    return "is \(value); values beyond ±\(largest) cannot be clustered"
  }

  private static func doubles(_ values: ColumnValues, _ field: ColumnField) throws -> [Double] {
    guard let numbers = values.doubles(field.type) else {
      throw TaskFailure.fatal("column '\(field.name)' is not numeric")
    }
    return numbers
  }
}
