import Basics
import CKernels
import Columns
import Storage

/// CSV and its kin: fields between delimiters, perhaps in quotes, one record on each line or over several.
enum CSVRecords: RecordFormat {
  static let name = "csv"
  static let endings = [".csv", ".tsv", ".tab", ".psv"]
  /// A longer record is an error. Splits rely on it: see ``CSVCuts``.
  static let longestRecord = 8 << 20

  /// Text that is no JSON.
  static func recognizes(_ head: FileHead) -> Bool { !head.text.isEmpty }

  static func sample(_ reader: any ObjectReader, bytes: Int, _ options: FileTableOptions) throws -> FileSample
  {
    let (text, isWhole) = try TextSource.head(reader, bytes)
    let layout = try CSVSniffer.layout(text, isWhole: isWhole, options, reader.info.uri)
    return FileSample(columns: try CSVTypes.columns(text, isWhole: isWhole, layout, options), mixed: .string)
  }

  static func splits(_ reader: any ObjectReader, _ options: FileTableOptions, bytes: Int64) throws
    -> [FileTableSplit]
  {
    let codec = try ContentKind(of: reader).codec(of: reader.info.uri)
    let size = reader.info.size
    var layout: CSVLayout?
    var starts: [Int64] = [0]
    if codec == .none, size > bytes {
      let found = try CSVSniffer.layout(reader, options)
      layout = found
      starts = try CSVCuts.starts(reader, found, LineSplits.cut(reader.info, codec, bytes).map(\.start))
    }
    return zip(starts, starts.dropFirst() + [size]).map { start, end in
      FileTableSplit(
        split: TableSplit(
          object: reader.info, format: name, range: start..<end, rows: nil,
          bytes: (end - start) * codec.expectedRatio),
        layout: layout)
    }
  }

  static func read(
    _ request: RecordRequest, _ reader: any ObjectReader, rejected: inout RejectedRecords,
    _ body: (RecordBatch) throws -> Void
  ) throws {
    let layout = try request.split.layout ?? CSVSniffer.layout(reader, request.options)
    let range = request.split.split.range
    let isFirst = range.lowerBound == 0
    let columns = RecordColumns(
      request.columns, .csv(layout.dialect, null: Array((request.options.csv.null ?? "").utf8)),
      capacity: RecordRequest.batchRows, file: reader.info.uri, lines: isFirst ? layout.lines : 0)
    if isFirst { rejected.add(read: 0, lines: layout.lines) }
    let buffer = RecordBuffer(
      try TextSource.open(reader, range), uri: reader.info.uri, offset: range.lowerBound,
      longest: longestRecord)
    if isFirst { try skip(Int(layout.start), buffer) }
    let isWhole = range.upperBound == reader.info.size
    try CSVScan(layout, request.columns).run(buffer, into: columns) { scan, unclosed in
      if unclosed, !isWhole {
        throw StorageError.corrupt(
          location: "\(reader.info.uri): byte \(scan.offset)",
          message: "a record is over \(longestRecord >> 20) MiB long; is a quote missing?")
      }
      try columns.emit(
        scan, buffer.base, rejected: &rejected,
        reason: { index in
          let fields = Int(columns.misshapen[index].fields)
          return unclosed && index == scan.misshapen - 1
            ? "a quote is not closed" : "expected \(layout.names.count) fields, found \(fields)"
        }, body)
    }
  }

  private static func skip(_ count: Int, _ buffer: RecordBuffer) throws {
    var left = count
    repeat {
      if buffer.count == 0 { try buffer.extend() }
      let step = min(left, buffer.count)
      buffer.drop(step)
      left -= step
    } while left > 0 && !(buffer.isFinal && buffer.count == 0)
  }
}
