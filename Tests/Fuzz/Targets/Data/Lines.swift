import Formats
import Storage
import TestSupport

extension FuzzTarget {
  /// Choices: size of blocks, of the longest line, and of splits. Then a file of lines. Together the splits yield each line once, and
  /// blocks contain whole lines.
  static let lineBlocks = FuzzTarget("line-blocks") {
    let text = Array("{\"a\":1}\n\n{}\r\n\(String(repeating: "long", count: 40))\n{\"b\":2}".utf8)
    return [
      [0, 255, 7] + text, [16, 255, 1] + text + [0x0a], [3, 10, 60] + text, [1, 255, 2, 0x0a, 0x0a],
    ]
  } check: { input in
    var script = Script(input)
    let blockBytes = max(1, Int(script.byte()))
    let longest = max(1, Int(script.byte())) * 16
    let splitBytes = max(1, Int(script.byte()))
    let bytes = script.all()
    let store = MemoryStore(bytes, uri: "/memory.jsonl")
    let isTooLong = bytes.split(separator: 0x0a).contains { $0.count > longest }
    let isText = ContentKind(bytes.prefix(ContentKind.headBytes)) == .text
    // A byte order mark is skipped.
    let mark = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    var found = Array(bytes.prefix(mark))
    let isRead: Void? = try unless(StorageError.self) {
      for split in try LineSplits([store.object], in: store, targetBytes: Int64(splitBytes)).splits {
        let reader = try LineBlockReader(
          split: split, store: store, blockBytes: blockBytes, maxLineBytes: longest)
        while let block = try reader.next() {
          try require(
            Int(block.offset) == found.count, "a block at \(block.offset), expected at \(found.count)")
          try require(!block.bytes.isEmpty, "an empty block")
          found += block.bytes
          try require(found.last == 0x0a || found.count == bytes.count, "a block ends within a line")
          try require(block.offset < split.end, "a line of another split")
        }
      }
    }
    if isRead == nil {
      return try require(isTooLong || !isText, "an error in text, and no line is over \(longest) bytes")
    }
    // Compressed bytes give other lines.
    if isText || bytes.isEmpty { try require(found == bytes, "lines are lost") }
  }
}
