import Formats
import TestSupport
import Testing

@Suite struct LineBlockReaderTests {
  /// The blocks of a split, with what the reader promises about each of them checked.
  private func blocks(
    _ store: MemoryStore, _ start: Int, _ end: Int, blockBytes: Int, maxLineBytes: Int = 1 << 20,
    codec: Codec? = Codec.none
  ) throws -> [(offset: Int, bytes: [UInt8])] {
    let split = InputSplit(object: store.object, start: Int64(start), end: Int64(end), codec: codec)
    let reader = try LineBlockReader(
      split: split, store: store, blockBytes: blockBytes, maxLineBytes: maxLineBytes)
    var blocks: [(offset: Int, bytes: [UInt8])] = []
    while let block = try reader.next() {
      #expect(!block.bytes.isEmpty)
      // Readable, as a parser will: the sum keeps the optimizer from dropping the reads.
      let padded = UnsafeRawBufferPointer(
        start: block.bytes.baseAddress, count: block.bytes.count + LineBlockReader.padding)
      #expect(padded.reduce(0) { $0 &+ Int($1) } >= 0)
      // Within its cache line as in the object's.
      #expect((Int(bitPattern: block.bytes.baseAddress) - Int(block.offset)) % 64 == 0 || blocks.isEmpty)
      blocks.append((Int(block.offset), Array(block.bytes)))
    }
    #expect(try reader.next() == nil)
    return blocks
  }

  /// Lines with their newline and offset, the slow and obvious way.
  private func lines(_ bytes: [UInt8]) -> [Int: [UInt8]] {
    var lines: [Int: [UInt8]] = [:]
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0a).map { $0 + 1 } ?? bytes.count
      lines[start] = Array(bytes[start..<end])
      start = end
    }
    return lines
  }

  private func check(_ content: [UInt8], cuts: [Int], blockBytes: Int) throws {
    let store = MemoryStore(content)
    let all = lines(content)
    var next = 0
    for (start, end) in zip(cuts, cuts.dropFirst()) {
      for block in try blocks(store, start, end, blockBytes: blockBytes) {
        #expect(block.offset == next)
        for (offset, line) in lines(block.bytes) {
          #expect(all[block.offset + offset] == line)
          #expect((start..<end).contains(block.offset + offset))
        }
        next += block.bytes.count
      }
    }
    #expect(next == content.count)
  }

  @Test func everyPairOfCutsGivesEachLineOnce() throws {
    for content in ["a\nbc\n\n\ndef\r\ng", "\n", "\n\n", "x", "longer than any block\ny\n", "\r\n\r\nz\n"] {
      let content = Array(content.utf8)
      for first in 0...content.count {
        for second in first...content.count {
          for blockBytes in [1, 2, 3, 7, 64] {
            try check(content, cuts: [0, first, second, content.count], blockBytes: blockBytes)
          }
        }
      }
    }
  }

  @Test(arguments: 0..<40) func randomContentAndCuts(seed: UInt64) throws {
    var random = SeededRandom(state: seed)
    let letters: [UInt8] = [0x0a, 0x0d, 0x20, 0x61, 0x62, 0x63, 0x7b, 0xff]
    let newlineEvery = Int.random(in: 1...60, using: &random)
    let content = (0..<Int.random(in: 1...700, using: &random)).map { _ in
      Int.random(in: 0..<newlineEvery, using: &random) == 0 ? 0x0a : letters.randomElement(using: &random)!
    }
    for _ in 0..<20 {
      let cuts = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        Int.random(in: 0...content.count, using: &random)
      }
      try check(
        content, cuts: [0] + cuts.sorted() + [content.count],
        blockBytes: Int.random(in: 1...100, using: &random))
    }
  }

  /// Longer than the piece in which the rest of a last line is read.
  @Test func longLinesOverManySplits() throws {
    var content: [UInt8] = Array("{\"a\":1}\r\n".utf8)
    content += [UInt8](repeating: 0x62, count: 10_000_000) + [0x0a]
    content += Array("last".utf8)
    for parts in [1, 2, 7] {
      let cuts = (0...parts).map { content.count * $0 / parts }
      for blockBytes in [1 << 10, 1 << 20] {
        let store = MemoryStore(content)
        var seen: [UInt8] = []
        for (start, end) in zip(cuts, cuts.dropFirst()) {
          for block in try blocks(store, start, end, blockBytes: blockBytes, maxLineBytes: 10_000_001) {
            #expect(block.offset == seen.count)
            seen += block.bytes
          }
        }
        #expect(seen == content)
      }
    }
  }

  @Test func aLineOverTheLimitIsAnErrorWithItsOffset() throws {
    let content = Array("short\n".utf8) + [UInt8](repeating: 0x61, count: 1000) + [0x0a]
    let store = MemoryStore(content)
    let error = try #require(
      failure { try blocks(store, 0, content.count, blockBytes: 16, maxLineBytes: 999) })
    #expect(error.kind == "corrupt")
    #expect(error.description.contains("/memory/events.jsonl: byte 6"))
    #expect(error.description.contains("999"))
    #expect(try blocks(store, 0, content.count, blockBytes: 16, maxLineBytes: 1001).count == 2)
    // A split in which no line begins passes over it.
    #expect(try blocks(store, 100, 1000, blockBytes: 16, maxLineBytes: 999).isEmpty)
  }

  @Test func theEndOfASplitIsReadOverByLittle() throws {
    let content = [UInt8](repeating: 0x0a, count: 1 << 20)
    let store = MemoryStore(content)
    let reader = try LineBlockReader(
      split: InputSplit(object: store.object, start: 1000, end: 2000, codec: Codec.none), store: store,
      blockBytes: 1 << 18)
    var count = 0
    while let block = try reader.next() { count += block.bytes.count }
    #expect(count == 1000)
    #expect(reader.bytesRead == 1001)
  }

  @Test(arguments: [Codec.zstd, .gzip]) func compressedObjects(codec: Codec) throws {
    let content = (0..<5000).flatMap { Array("{\"line\":\($0)}\n".utf8) } + Array("no newline".utf8)
    let store = MemoryStore(try compressed(content, codec), uri: "/memory/events.jsonl\(codec.suffix)")
    let read = try blocks(store, 0, store.bytes.count, blockBytes: 1000, codec: nil)
    #expect(read.flatMap(\.bytes) == content)
    #expect(read.allSatisfy { lines(content)[$0.offset] != nil })
    let error = failure { try blocks(store, 0, 10, blockBytes: 1000, codec: nil) }
    #expect(error?.kind == "invalid")
  }

  /// A byte order mark is skipped; offsets still count it.
  @Test func byteOrderMark() throws {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let content = mark + Array("one\ntwo\n".utf8)
    for compress in [false, true] {
      let store = MemoryStore(compress ? try compressed(content, .zstd) : content)
      for blockBytes in [1, 4, 1 << 18] {
        let read = try blocks(store, 0, store.bytes.count, blockBytes: blockBytes, codec: nil)
        #expect(read.first?.offset == 3)
        #expect(read.flatMap(\.bytes) == Array("one\ntwo\n".utf8))
      }
    }
    // Cut anywhere, each line comes once.
    let store = MemoryStore(content)
    for cut in 0...content.count {
      let parts = try [(0, cut), (cut, content.count)].flatMap {
        try blocks(store, $0.0, $0.1, blockBytes: 64)
      }
      #expect(parts.flatMap(\.bytes) == Array("one\ntwo\n".utf8), "cut at \(cut)")
    }
    #expect(try blocks(MemoryStore(mark), 0, 3, blockBytes: 8).isEmpty)
    // Elsewhere it is text like any other.
    let inside = Array("a\n".utf8) + content
    #expect(try blocks(MemoryStore(inside), 0, inside.count, blockBytes: 64).flatMap(\.bytes) == inside)
  }

  /// What holds no lines is refused by name, compressed or not.
  @Test func otherKindsAreRefused() throws {
    let parquet = Array("PAR1".utf8) + [UInt8](repeating: 7, count: 20)
    let twice = try compressed(try compressed(Array("a\n".utf8), .gzip), .zstd)
    for bytes in [parquet, try compressed(parquet, .gzip), twice, [0x50, 0x4b, 3, 4, 9], [1, 2, 0, 3]] {
      let store = MemoryStore(bytes, uri: "/in/x.jsonl")
      let error = failure { try blocks(store, 0, bytes.count, blockBytes: 64, codec: nil) }
      #expect(error?.kind == "corrupt")
      #expect(error?.description.hasPrefix("/in/x.jsonl: ") == true)
      #expect(error?.description.contains("expected lines of text") == true)
    }
  }

  @Test func splitsOutsideTheObjectAreRefused() {
    let store = MemoryStore(Array("a\nb\n".utf8))
    for (start, end) in [(-1, 2), (0, 5), (3, 2)] {
      #expect(failure { try blocks(store, start, end, blockBytes: 8) }?.kind == "invalid")
    }
  }
}
