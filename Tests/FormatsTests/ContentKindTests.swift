import Formats
import TestSupport
import Testing

@Suite struct ContentKindTests {
  private func kind(_ bytes: [UInt8]) -> ContentKind { ContentKind(bytes) }

  @Test func compressedIsToldByTheFirstBytes() throws {
    for codec in [Codec.zstd, .gzip] {
      #expect(kind(try compressed(Array("x".utf8), codec)) == .compressed(codec))
      #expect(kind(try compressed([], codec)) == .compressed(codec))
    }
    #expect(kind([0x53, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]) == .compressed(.zstd))
    #expect(kind(Array("BZh9".utf8) + [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]) == .compressed(.bzip2))
    #expect(kind(Array("BZh1".utf8) + [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]) == .compressed(.bzip2))
    #expect(kind([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) == .compressed(.xz))
  }

  @Test func textIsWhatNothingElseIs() {
    for text in ["{\"a\":1}", "a,b\n", "BZh9 is a word", "Obj", "S*M", "\u{FEFF}é", " "] {
      #expect(kind(Array(text.utf8)) == .text, "\(text)")
    }
    #expect(kind([]) == .empty)
  }

  @Test func otherKindsHaveNames() {
    #expect(kind(Array("PAR1....".utf8)) == .parquet)
    #expect(kind([0x50, 0x4b, 3, 4]).description == "a ZIP archive")
    #expect(kind([0xff, 0xfe, 0x7b, 0]).description == "UTF-16 text")
    #expect(kind([1, 2, 0, 3]).description == "binary data")
  }
}
