import CKernels
import Columns

/// Takes the records of CSV off a buffer, in batches of cells.
struct CSVScan {
  private let layout: CSVLayout
  /// For each field of the file, the wanted column, or -1.
  private let slots: [Int32]

  /// - Parameter columns: The wanted columns; those that the file lacks get no cells.
  init(_ layout: CSVLayout, _ columns: [ColumnField]) {
    self.layout = layout
    slots = layout.names.map { name in
      columns.firstIndex { $0.name.hasSameBytes(as: name) }.map { Int32($0) } ?? -1
    }
  }

  /// - Parameter body: Takes what was found, and whether the last record ends inside quotes.
  func run(
    _ buffer: RecordBuffer, into columns: RecordColumns,
    _ body: (RecordColumns.Scan, _ unclosed: Bool) throws -> Void
  ) throws {
    let dialect = layout.dialect
    try slots.withUnsafeBufferPointer { slots in
      var csv = swiftlet_csv()
      csv.delimiter = Int16(dialect.delimiter)
      csv.quote = dialect.quote.map { Int16($0) } ?? -1
      csv.escape = dialect.escape == dialect.quote ? -1 : dialect.escape.map { Int16($0) } ?? -1
      csv.comment = dialect.comment.map { Int16($0) } ?? -1
      csv.columns = UInt32(slots.count)
      csv.slots = slots.baseAddress
      csv.capacity = UInt32(columns.capacity)
      csv.blank_is_record = slots.count == 1
      while true {
        try buffer.refill()
        csv.final = buffer.isFinal
        let result = swiftlet_csv_scan(
          &csv, buffer.base, buffer.count, columns.cells, columns.records, columns.misshapen)
        if result.consumed == 0 {
          if buffer.isFinal { return }
          try buffer.extend()
          continue
        }
        let scan = RecordColumns.Scan(
          offset: buffer.offset, records: Int(result.records), misshapen: Int(result.rejected),
          lines: Int(result.lines), ordinals: Int(result.ordinals))
        try body(scan, result.unclosed)
        buffer.drop(result.consumed)
      }
    }
  }
}
