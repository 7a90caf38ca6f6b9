import Basics
import CKernels
import Columns
import Glibc

/// Finds the cells of lines of JSON objects.
struct JSONLineScanner {
  private let cells: JSONCells
  private var records = 0
  private var lines = 0
  private var ordinals = 0
  /// Why lines are no objects.
  private(set) var reasons: [String] = []

  init(_ names: [String]) { cells = JSONCells(names) }

  /// What the latest scan found.
  /// - Parameter offset: Of the scanned text in the file.
  func found(at offset: Int64) -> RecordColumns.Scan {
    RecordColumns.Scan(
      offset: offset, records: records, misshapen: reasons.count, lines: lines, ordinals: ordinals)
  }

  /// - Parameter text: Whole lines.
  /// - Returns: Bytes scanned: all, or up to where a batch is full.
  mutating func scan(_ text: UnsafeRawBufferPointer, into columns: RecordColumns) -> Int {
    (records, lines, ordinals) = (0, 0, 0)
    reasons.removeAll(keepingCapacity: true)
    var start = 0
    while start < text.count, records < columns.capacity, reasons.count < columns.capacity,
      let base = text.baseAddress
    {
      let newline = memchr(base + start, 0x0a, text.count - start).map { UnsafeRawPointer($0) - base }
      var end = newline ?? text.count
      if end > start, text[end - 1] == 0x0d { end -= 1 }
      let line = UnsafeRawBufferPointer(rebasing: text[start..<end])
      if line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d }) {
        add(line, start, base.assumingMemoryBound(to: UInt8.self), columns)
        ordinals += 1
      }
      lines += 1
      start = newline.map { $0 + 1 } ?? text.count
    }
    return start
  }

  private mutating func add(
    _ line: UnsafeRawBufferPointer, _ start: Int, _ base: UnsafePointer<UInt8>, _ columns: RecordColumns
  ) {
    let record = swiftlet_record(
      start: UInt32(start), end: UInt32(start + line.count), line: UInt32(lines), ordinal: UInt32(ordinals),
      fields: 0)
    do {
      try cells.find(
        base, start..<start + line.count, cells: columns.cells + records, stride: columns.capacity)
      columns.records[records] = record
      records += 1
    } catch {
      columns.misshapen[reasons.count] = record
      reasons.append("not a JSON object: \((error as? JSONFault)?.message ?? "\(error)")")
    }
  }
}
