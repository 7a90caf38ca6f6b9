import Basics
import CKernels
import Columns
import Storage

/// JSON Lines: one object on each line. Objects in them become structs, arrays lists, values of mixed kinds JSON text.
enum JSONLinesRecords: RecordFormat {
  static let name = "jsonl"
  static let endings = [".jsonl", ".ndjson", ".ldjson"]

  /// The first line is an object by itself.
  static func recognizes(_ head: FileHead) -> Bool {
    guard head.firstCharacter == UInt8(ascii: "{") else { return false }
    return head.text.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      if bytes.starts(with: TextSource.byteOrderMark) { scanner.skip(TextSource.byteOrderMark.count) }
      scanner.skipSpace()
      let start = scanner.position
      let line = bytes[start...].firstIndex(of: 0x0a).map { bytes[start..<$0] }
      // A line that is longer than what is looked at is no pretty-printed one.
      guard let line else { return true }
      return JSONCells.isValue(UnsafeRawBufferPointer(rebasing: line))
    }
  }

  static func sample(_ reader: any ObjectReader, bytes: Int, _ options: FileTableOptions) throws -> FileSample
  {
    var sample = FileSample(mixed: .json)
    let lines = try LineBlockReader(split: InputSplit(reader.info), reader: reader)
    var read = 0
    while read < bytes, let block = try lines.next() {
      block.forEachLine { line, _ in
        // A line that is no object is rejected when it is read.
        var scanner = JSONScanner(line)
        scanner.skipSpace()
        try? JSONShape.add(&scanner, to: &sample.columns)
      }
      read += block.bytes.count
    }
    return sample
  }

  static func splits(_ reader: any ObjectReader, _ options: FileTableOptions, bytes: Int64) throws
    -> [FileTableSplit]
  {
    let codec = try ContentKind(of: reader).codec(of: reader.info.uri)
    return LineSplits.cut(reader.info, codec, bytes).map { split in
      FileTableSplit(
        split: TableSplit(
          object: reader.info, format: name, range: split.start..<split.end, rows: nil,
          bytes: (split.end - split.start) * codec.expectedRatio))
    }
  }

  static func read(
    _ request: RecordRequest, _ reader: any ObjectReader, rejected: inout RejectedRecords,
    _ body: (RecordBatch) throws -> Void
  ) throws {
    let split = request.split.split
    let isWhole = split.range == 0..<split.object.size
    let blocks = try LineBlockReader(
      split: InputSplit(
        object: split.object, start: split.range.lowerBound, end: split.range.upperBound,
        codec: isWhole ? nil : Codec.none), reader: reader, blockBytes: 1 << 20)
    let columns = RecordColumns(
      request.columns, .json, capacity: RecordRequest.batchRows, file: split.object.uri, lines: 0)
    var scanner = JSONLineScanner(request.columns.map(\.name))
    while let block = try blocks.next() {
      var rest = block.bytes
      var offset = block.offset
      while let base = rest.assumingMemoryBound(to: UInt8.self).baseAddress, !rest.isEmpty {
        let consumed = scanner.scan(rest, into: columns)
        try columns.emit(
          scanner.found(at: offset), base, rejected: &rejected, reason: { scanner.reasons[$0] }, body)
        rest = UnsafeRawBufferPointer(rebasing: rest[consumed...])
        offset += Int64(consumed)
      }
    }
  }
}
