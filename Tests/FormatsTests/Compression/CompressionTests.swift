import Formats
import Storage
import TestSupport
import Testing

@Suite struct CompressionTests {
  private let content: [UInt8] = {
    var random = SeededRandom(state: 1)
    return (0..<40).flatMap { _ in
      Array("{\"user\":\"u\(UInt16.random(in: .min ... .max, using: &random))\"}\n".utf8)
    }
  }()

  private func decompressed(
    _ bytes: [UInt8], _ codec: Codec, piece: Int = 1 << 16, inputBytes: Int = 1 << 16
  ) throws -> [UInt8] {
    let store = MemoryStore(bytes, uri: "/memory/x\(codec.suffix)")
    return try drain(
      try DecompressingReader(
        PlainSource(try store.open(store.object)), codec: codec, inputBytes: inputBytes), piece: piece)
  }

  @Test func codecByName() {
    #expect(Codec(uri: "/a/b.jsonl.zst") == .zstd)
    #expect(Codec(uri: "s3://b/x.JSONL.GZ") == .gzip)
    #expect(Codec(uri: "/a.zst/b.jsonl") == .none)
    #expect(Codec.allCases.allSatisfy { Codec(uri: "x" + $0.suffix) == $0 })
  }

  @Test func otherCodecsAreNotWritten() {
    for codec in [Codec.bzip2, .xz] {
      #expect(failure { try CompressingSink(MemorySink(), codec: codec) }?.kind == "invalid")
    }
  }

  @Test(arguments: [Codec.none, .zstd, .gzip]) func everyChunkingGivesTheSame(codec: Codec) throws {
    let whole = try compressed(content, codec)
    let sink = MemorySink()
    let pieces = try CompressingSink(sink, codec: codec)
    for byte in content { try [byte].withUnsafeBytes { try pieces.write($0) } }
    try pieces.close()
    #expect(sink.bytes == whole && sink.closed)
    for piece in [1, 7, 64, 1 << 16] {
      for inputBytes in [1, 13, 1 << 16] {
        #expect(try decompressed(whole, codec, piece: piece, inputBytes: inputBytes) == content)
      }
    }
  }

  @Test(arguments: [Codec.zstd, .gzip]) func manyBlocks(codec: Codec) throws {
    var random = SeededRandom(state: 2)
    let noise = (0..<3_000_000).map { _ in UInt8.random(in: 0...15, using: &random) }
    for level in [1, 9] {
      let bytes = try compressed(noise, codec, level: level)
      #expect(bytes.count < noise.count)
      #expect(try decompressed(bytes, codec) == noise)
    }
  }

  @Test(arguments: [Codec.zstd, .gzip]) func framesOneAfterAnother(codec: Codec) throws {
    let frame = try compressed(content, codec)
    let empty = try compressed([], codec)
    for piece in [1, 100_000] {
      #expect(
        try decompressed(frame + empty + frame, codec, piece: piece, inputBytes: 3) == content + content)
      #expect(try decompressed(empty, codec, piece: piece).isEmpty)
      #expect(try decompressed([], codec, piece: piece).isEmpty)
    }
  }

  @Test func skippableFrames() throws {
    let frame = try compressed(content, .zstd)
    let skipped: [UInt8] = [0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]
    for inputBytes in [1, 1000] {
      #expect(try decompressed(skipped + frame + skipped, .zstd, inputBytes: inputBytes) == content)
      #expect(
        failure { try decompressed(frame + skipped.dropLast(), .zstd, inputBytes: inputBytes) }?.kind
          == "corrupt")
    }
  }

  @Test(arguments: [Codec.zstd, .gzip]) func tornAtEveryByte(codec: Codec) throws {
    let frame = try compressed(content, codec)
    for length in 1..<frame.count {
      for (before, inputBytes) in [([UInt8](), 1 << 16), (frame, 10)] {
        let error = failure { try decompressed(before + frame[..<length], codec, inputBytes: inputBytes) }
        #expect(error?.kind == "corrupt")
        #expect(error?.description.hasPrefix("/memory/x\(codec.suffix): compressed byte ") == true)
      }
    }
  }

  @Test(arguments: [Codec.zstd, .gzip]) func bytesAfterTheEndAreAnError(codec: Codec) throws {
    let frame = try compressed(content, codec)
    for garbage: [UInt8] in [
      [0], [0x28], [0x1f], [0x1f, 0x8b], [1, 2, 3, 4, 5, 6, 7, 8], Array(repeating: 0, count: 512),
    ] {
      let error = try #require(failure { try decompressed(frame + garbage, codec) })
      #expect(error.kind == "corrupt")
    }
  }

  @Test(arguments: [Codec.zstd, .gzip]) func aFlippedBitIsFoundOrHarmless(codec: Codec) throws {
    let frame = try compressed(content, codec)
    var found = 0
    for index in frame.indices {
      for bit in 0..<8 {
        var broken = frame
        broken[index] ^= 1 << bit
        do {
          // Only header fields without meaning for the content (a time, a name) may change unnoticed.
          #expect(try decompressed(broken, codec) == content)
        } catch let error as StorageError {
          found += 1
          #expect(error.kind == "corrupt" || error.kind == "invalid")
        }
      }
    }
    #expect(found > frame.count * 7)
  }

  @Test func aWindowOverTheLimitIsRefused() throws {
    // A frame header that asks for a window of 2^28 bytes, then an empty last block.
    let error = failure { try decompressed([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x90, 1, 0, 0], .zstd) }
    #expect(error?.kind == "invalid")
    #expect(error?.description.contains("128 MiB") == true)
    #expect(try decompressed([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 1, 0, 0], .zstd).isEmpty)
  }

  @Test func bytesConsumedAreThoseOfTheObject() throws {
    let frame = try compressed(content, .zstd)
    let store = MemoryStore(frame, uri: "/memory/x.zst")
    let reader = try DecompressingReader(PlainSource(try store.open(store.object)), codec: .zstd)
    #expect(reader.bytesConsumed == 0)
    _ = try drain(reader)
    #expect(reader.bytesConsumed == Int64(frame.count))
  }

  @Test func abortGoesToTheSinkBelow() throws {
    let sink = MemorySink()
    try CompressingSink(sink, codec: .zstd).abort()
    #expect(sink.aborted && !sink.closed && sink.bytes.isEmpty)
  }
}
