import Formats
import Foundation
import Storage
import TestSupport
import Testing

/// bzip2 and xz, which are read but not written: files of the usual tools (Tests/Fixtures/make_compressed_files.py).
@Suite struct ForeignCodecTests {
  private static let names = ["lines.bz2", "streams.bz2", "lines.xz", "streams.xz"]
  private let lines = (0..<300).flatMap { Array("{\"line\":\($0)}\n".utf8) }

  private func fixture(_ name: String) throws -> [UInt8] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return Array(try Data(contentsOf: folder.appendingPathComponent("../../Fixtures/compressed/\(name)")))
  }

  private func decompress(_ bytes: [UInt8], _ codec: Codec, piece: Int = 1 << 16, inputBytes: Int = 1 << 16)
    throws -> [UInt8]
  {
    let store = MemoryStore(bytes)
    return try drain(
      try DecompressingReader(
        PlainSource(try store.open(store.object)), codec: codec, inputBytes: inputBytes), piece: piece)
  }

  private func codec(_ name: String) -> Codec { name.hasSuffix("bz2") ? .bzip2 : .xz }

  @Test(arguments: names) func firstBytesTell(name: String) throws {
    #expect(ContentKind(try fixture(name).prefix(ContentKind.headBytes)) == .compressed(codec(name)))
  }

  @Test(arguments: names) func everyChunkingGivesTheSame(name: String) throws {
    let bytes = try fixture(name)
    for piece in [1, 7, 1 << 16] {
      for inputBytes in [1, 13, 1 << 16] {
        #expect(try decompress(bytes, codec(name), piece: piece, inputBytes: inputBytes) == lines)
      }
    }
  }

  @Test(arguments: names) func tornAnywhereIsAnError(name: String) throws {
    let bytes = try fixture(name)
    var errors = 0
    for length in 1..<bytes.count {
      let error = failure { try decompress(Array(bytes[..<length]), codec(name)) }
      #expect(error == nil || error?.kind == "corrupt")
      errors += error == nil ? 0 : 1
    }
    // All but the cuts between two streams, and those at a multiple of four zero bytes.
    #expect(errors >= bytes.count - 1 - 4)
  }

  @Test(arguments: names) func bytesAfterTheEndAreAnError(name: String) throws {
    let bytes = try fixture(name)
    for garbage: [UInt8] in [[1], [0x42, 0x5a], [9, 9, 9, 9, 9, 9, 9, 9]] {
      #expect(failure { try decompress(bytes + garbage, codec(name)) }?.kind == "corrupt")
    }
    // Three zero bytes are no padding of xz.
    #expect(failure { try decompress(bytes + [0, 0, 0], codec(name)) }?.kind == "corrupt")
  }

  @Test(arguments: names) func aFlippedBitIsFoundOrHarmless(name: String) throws {
    let bytes = try fixture(name)
    for index in stride(from: 0, to: bytes.count, by: 3) {
      var broken = bytes
      broken[index] ^= 1 << UInt8(index % 8)
      do {
        #expect(try decompress(broken, codec(name)) == lines)
      } catch let error as StorageError {
        #expect(error.kind == "corrupt" || error.kind == "invalid")
      }
    }
  }

  /// What the name says makes no difference.
  @Test(arguments: names) func linesAreRead(name: String) throws {
    let store = MemoryStore(try fixture(name), uri: "/in/part.jsonl")
    let splits = try LineSplits([store.object], in: store, targetBytes: 10).splits
    #expect(splits == [InputSplit(store.object, codec: codec(name))])
    for split in [splits[0], InputSplit(store.object)] {
      let reader = try LineBlockReader(split: split, store: store, blockBytes: 100)
      var read: [UInt8] = []
      while let block = try reader.next() { read += block.bytes }
      #expect(read == lines)
    }
  }
}
