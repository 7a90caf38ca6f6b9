import Formats
import TestSupport
import Testing

@Suite struct BlockCodecTests {
  private func codecs() -> [(String, any BlockCodec)] {
    [("zstd", Zstd()), ("gzip", Gzip()), ("snappy", Snappy())]
  }

  private func samples() -> [[UInt8]] {
    var generator = SeededRandom(state: 5)
    let noise = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let zeros = [UInt8](repeating: 0, count: 3_000_000)
    return [[], [1], Array("hello hello hello hello".utf8), noise, zeros]
  }

  @Test func blocksComeBack() throws {
    for (name, codec) in codecs() {
      for sample in samples() {
        let packed = try codec.compress(sample)
        #expect(packed.count <= codec.maxCompressedSize(of: sample.count), "\(name)")
        #expect(try codec.decompress(packed, limit: sample.count) == sample, "\(name)")
        #expect(try codec.decompress(packed, limit: 1 << 30) == sample, "\(name)")
      }
    }
  }

  @Test func limitsHold() throws {
    for (name, codec) in codecs() {
      let packed = try codec.compress([UInt8](repeating: 7, count: 1_000_000))
      #expect(throws: CodecError.outputTooLarge(codec: name, limit: 999_999)) {
        try codec.decompress(packed, limit: 999_999)
      }
    }
  }

  @Test func brokenBlocks() throws {
    for (name, codec) in codecs() {
      let sample = Array("some words, some more words, and some words again".utf8)
      let packed = try codec.compress(sample)
      for end in packed.indices {
        #expect(throws: CodecError.self, "\(name) cut at \(end)") {
          try codec.decompress(Array(packed[..<end]), limit: 1000)
        }
      }
      // After an error the codec still works.
      #expect(try codec.decompress(packed, limit: 1000) == sample, "\(name)")
      #expect(throws: CodecError.self) { try codec.decompress(Array("no such block".utf8), limit: 1000) }
    }
  }

  @Test func severalGzipMembersAndZlibStreams() throws {
    let gzip = Gzip()
    let members = try gzip.compress(Array("one ".utf8)) + gzip.compress([]) + gzip.compress(Array("two".utf8))
    #expect(try gzip.decompress(members, limit: 100) == Array("one two".utf8))
    // zlib.compress(b"abc")
    let zlib: [UInt8] = [120, 156, 75, 76, 74, 6, 0, 2, 77, 1, 39]
    #expect(try gzip.decompress(zlib, limit: 100) == Array("abc".utf8))
  }

  @Test func checksum() {
    #expect(Array("123456789".utf8).withUnsafeBytes { crc32(of: $0) } == 0xcbf4_3926)
  }
}
