import Basics
import Formats
import Shuffle
import Storage
import Wire

extension FuzzTarget {
  /// Shuffle blocks of pipelines. The first byte chooses whether the rest is a block or the content of one.
  static let rowBlocks = FuzzTarget("row-blocks") {
    var rows: [UInt8] = []
    for part in ["key", "value", "", "x"] {
      Array(part.utf8).withUnsafeBytes { RowCoding.put($0, to: &rows) }
    }
    return [[0] + (try block(rows)), [1] + rows, [1, 0] + rows, [0], [0, 5]]
  } check: { input in
    var script = Script(input)
    let isContents = script.flag()
    let bytes = script.all()
    let given = isContents ? try block(bytes) : bytes
    guard let contents = try unless(TaskFailure.self, { try CompressedBlock.contents(given) }) else { return }
    if isContents { try require(contents == bytes, "a block holds other bytes than were put into it") }
    var written: [UInt8] = []
    let isWhole: Void? = try unless(TaskFailure.self) {
      try contents.withUnsafeBytes { bytes in
        try RowCoding.forEachRow(bytes) { key, value in
          RowCoding.put(UnsafeRawBufferPointer(rebasing: bytes[key]), to: &written)
          RowCoding.put(UnsafeRawBufferPointer(rebasing: bytes[value]), to: &written)
        }
      }
    }
    if isWhole != nil {
      try require(written.count <= contents.count, "rows are longer than what they came from")
    }
    let note = try unless(TaskFailure.self) { try RowCoding.note(contents) }
    if case .some(.some(let range)) = note {
      try require(range.upperBound <= contents.count, "a note beyond the end")
    }
  }
}

/// Encodes bytes as a block: their length and a zstd frame.
func block(_ contents: [UInt8]) throws -> [UInt8] {
  var writer = ByteWriter()
  writer.count(contents.count)
  try Zstd().compress(contents).withUnsafeBytes { writer.raw($0) }
  return writer.bytes
}
