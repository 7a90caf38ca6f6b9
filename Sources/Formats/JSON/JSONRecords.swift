import Basics
import CKernels
import Columns
import Storage

/// JSON objects over any number of lines: an array of them, or one after the other. One split; memory for one window of text.
enum JSONRecords: RecordFormat {
  static let name = "json"
  static let endings: [String] = []
  /// A longer object is an error.
  private static let longest = 256 << 20

  static func recognizes(_ head: FileHead) -> Bool {
    head.firstCharacter == UInt8(ascii: "[") || head.firstCharacter == UInt8(ascii: "{")
  }

  static func sample(_ reader: any ObjectReader, bytes: Int, _ options: FileTableOptions) throws -> FileSample
  {
    var sample = FileSample(mixed: .json)
    let buffer = try window(reader, bytes)
    var elements = JSONElements(uri: reader.info.uri)
    while case let window = buffer.bytes(0..<buffer.count), buffer.offset < Int64(bytes) {
      switch try elements.next(window, isFinal: buffer.isFinal, offset: buffer.offset) {
      case .end: return sample
      case .incomplete: try buffer.extend()
      case .element(let range):
        var scanner = JSONScanner(UnsafeRawBufferPointer(rebasing: window[range]))
        // What is no object is rejected when it is read.
        try? JSONShape.add(&scanner, to: &sample.columns)
        buffer.drop(range.upperBound)
        elements.moved(by: range.upperBound)
      }
    }
    return sample
  }

  static func splits(_ reader: any ObjectReader, _ options: FileTableOptions, bytes: Int64) throws
    -> [FileTableSplit]
  {
    let codec = try ContentKind(of: reader).codec(of: reader.info.uri)
    return [
      FileTableSplit(
        split: TableSplit(
          object: reader.info, format: name, range: 0..<reader.info.size, rows: nil,
          bytes: reader.info.size * codec.expectedRatio))
    ]
  }

  static func read(
    _ request: RecordRequest, _ reader: any ObjectReader, rejected: inout RejectedRecords,
    _ body: (RecordBatch) throws -> Void
  ) throws {
    let columns = RecordColumns(
      request.columns, .json, capacity: RecordRequest.batchRows, file: reader.info.uri, lines: 0)
    let cells = JSONCells(request.columns.map(\.name))
    let buffer = try window(reader, 2 << 20)
    var elements = JSONElements(uri: reader.info.uri)
    var isEnded = false
    while !isEnded {
      var scan = RecordColumns.Scan(offset: buffer.offset, records: 0, misshapen: 0, lines: 0, ordinals: 0)
      var reasons: [String] = []
      let window = buffer.bytes(0..<buffer.count)
      batch: while scan.records < columns.capacity, reasons.count < columns.capacity {
        switch try elements.next(window, isFinal: buffer.isFinal, offset: buffer.offset) {
        case .end:
          isEnded = true
          break batch
        case .incomplete: break batch
        case .element(let range):
          let text = UnsafeRawBufferPointer(rebasing: window[range])
          let inside = text.reduce(0) { $0 + ($1 == 0x0a ? 1 : 0) }
          let record = swiftlet_record(
            start: UInt32(range.lowerBound), end: UInt32(range.upperBound),
            line: UInt32(elements.lines - inside), ordinal: UInt32(scan.ordinals), fields: 0)
          do {
            try cells.find(
              buffer.base, range, cells: columns.cells + scan.records, stride: columns.capacity)
            columns.records[scan.records] = record
            scan.records += 1
          } catch {
            columns.misshapen[reasons.count] = record
            reasons.append("not a JSON object: \((error as? JSONFault)?.message ?? "\(error)")")
          }
          scan.ordinals += 1
        }
      }
      scan.misshapen = reasons.count
      scan.lines = elements.lines
      try columns.emit(scan, buffer.base, rejected: &rejected, reason: { reasons[$0] }, body)
      let isStuck = scan.ordinals == 0
      buffer.drop(elements.position)
      elements.moved(by: elements.position)
      if isStuck, !isEnded { try buffer.extend() } else { try buffer.refill() }
    }
  }

  /// The text without its byte order mark.
  private static func window(_ reader: any ObjectReader, _ bytes: Int) throws -> RecordBuffer {
    let buffer = RecordBuffer(
      try TextSource.open(reader), uri: reader.info.uri, offset: 0, bytes: bytes, longest: longest)
    try buffer.extend()
    if buffer.bytes(0..<min(3, buffer.count)).elementsEqual(TextSource.byteOrderMark) { buffer.drop(3) }
    return buffer
  }
}
