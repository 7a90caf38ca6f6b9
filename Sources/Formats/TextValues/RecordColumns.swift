import CKernels
import Columns

/// Memory for the cells of records on their way into columns.
final class RecordColumns {
  let capacity: Int
  /// Cell of column c and record r at `c * capacity + r`.
  let cells: UnsafeMutablePointer<swiftlet_cell>
  let records: UnsafeMutablePointer<swiftlet_record>
  let misshapen: UnsafeMutablePointer<swiftlet_record>
  private var columns: [CellColumn]
  private let file: String
  /// Before the latest scan, in the split.
  private(set) var lines: Int
  private(set) var ordinals = 0

  /// - Parameter lines: Lines of the split before the first record.
  init(_ fields: [ColumnField], _ style: TextStyle, capacity: Int, file: String, lines: Int) {
    self.capacity = capacity
    self.file = file
    self.lines = lines
    columns = fields.map { CellColumn($0, style) }
    let count = max(1, fields.count * capacity)
    cells = .allocate(capacity: count)
    // What a format does not write is null or empty.
    cells.initialize(repeating: swiftlet_cell(start: 0, length: swiftlet_cell.null), count: count)
    records = .allocate(capacity: capacity)
    misshapen = .allocate(capacity: capacity)
  }

  deinit {
    cells.deallocate()
    records.deallocate()
    misshapen.deallocate()
  }

  /// What a scan found.
  struct Scan {
    /// Offset of the first scanned byte in the text of the file.
    var offset: Int64
    var records: Int
    var misshapen: Int
    var lines: Int
    var ordinals: Int
  }

  /// Makes a batch of the records of a scan. Records that do not fit are rejected.
  /// - Parameters:
  ///   - base: The first scanned byte.
  ///   - reason: Why a misshapen record is no record, by its index.
  func emit(
    _ scan: Scan, _ base: UnsafePointer<UInt8>, rejected: inout RejectedRecords,
    reason: (Int) -> String, _ body: (RecordBatch) throws -> Void
  ) throws {
    var batch = RecordBatch(columns: [], lines: [], ordinals: [])
    /// Rows that do not fit, with the first column that they do not fit.
    var misfits: [Int: Int] = [:]
    for index in columns.indices {
      batch.columns.append(columns[index].column(cells + index * capacity, rows: scan.records, base: base))
      for row in columns[index].misfits where misfits[row] == nil { misfits[row] = index }
    }
    batch.lines = (0..<scan.records).map { lines + Int(records[$0].line) }
    batch.ordinals = (0..<scan.records).map { ordinals + Int(records[$0].ordinal) }
    if scan.misshapen > 0 || !misfits.isEmpty {
      reject(scan, base, misfits, &rejected, reason)
      if !misfits.isEmpty { batch.keep((0..<scan.records).filter { misfits[$0] == nil }) }
    }
    lines += scan.lines
    ordinals += scan.ordinals
    rejected.add(read: scan.ordinals, lines: scan.lines)
    if batch.rows > 0 { try body(batch) }
  }

  /// In the order of the records.
  private func reject(
    _ scan: Scan, _ base: UnsafePointer<UInt8>, _ misfits: [Int: Int], _ rejected: inout RejectedRecords,
    _ reason: (Int) -> String
  ) {
    let found =
      (0..<scan.misshapen).map { (misshapen[$0], index: $0, column: Int?.none) }
      + misfits.map { (records[$0.key], index: $0.key, column: Int?.some($0.value)) }
    for (record, index, column) in found.sorted(by: { $0.0.ordinal < $1.0.ordinal }) {
      rejected.reject {
        RejectedRecord(
          file: file, line: lines + Int(record.line) + 1, offset: scan.offset + Int64(record.start),
          reason: column.map { columns[$0].reason(cells[$0 * capacity + index], base) } ?? reason(index),
          text: Array(
            UnsafeBufferPointer(
              start: base + Int(record.start),
              count: min(RejectedRecord.keptBytes, Int(record.end - record.start)))))
      }
    }
  }
}

extension RecordBatch {
  mutating func keep(_ rows: [Int]) {
    let indexes = rows.map { UInt32($0) }
    columns = columns.map { $0.gather(indexes) }
    lines = rows.map { lines[$0] }
    ordinals = rows.map { ordinals[$0] }
  }
}
