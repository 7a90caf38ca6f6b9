import Formats
import TestSupport
import Testing

@Suite struct ParquetThriftTests {
  private func read(_ bytes: [UInt8], _ body: (inout ThriftReader, ThriftField) throws -> Void) throws {
    try bytes.withUnsafeBytes {
      var reader = ThriftReader($0)
      try reader.structure(nil, body)
    }
  }

  private func skipAll(_ bytes: [UInt8]) throws {
    try read(bytes) { reader, field in try reader.skip(field) }
  }

  @Test func valuesComeBackAndOthersAreSkipped() throws {
    var writer = ThriftWriter()
    writer.structure { writer in
      writer.bool(1, true)
      writer.int32(2, -7)
      writer.int64(40, .min)
      writer.string(41, "näme")
      writer.structure(42) { inner in inner.int32s(1, Array(0..<20)) }
      writer.strings(43, ["a", "b"])
      writer.bool(5, false)
      writer.int16(6, -1)
    }
    try skipAll(writer.bytes)
    var seen: [Int] = []
    try read(writer.bytes) { reader, field in
      seen.append(field.id)
      switch field.id {
      case 1: #expect(try reader.bool(field))
      case 2: #expect(try reader.int32(field) == -7)
      case 40: #expect(try reader.int64(field) == .min)
      case 41: #expect(try reader.string(field) == "näme")
      case 5: #expect(try !reader.bool(field))
      default: try reader.skip(field)
      }
    }
    #expect(seen == [1, 2, 40, 41, 42, 43, 5, 6])
  }

  @Test func brokenBytes() {
    let broken: [[UInt8]] = [
      [], [0x15], [0x15, 0x80], [0x1f], [0x18, 5, 1],
      [0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
      [0x15, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2], [0x19, 0xf5, 0xff, 0xff, 0x03, 0],
      [0x19, 0xef, 0],
      [0x1b, 5, 0xff, 0, 0, 0], [0x17, 0, 0], [0x05, 0x80, 0x80, 0x08, 0], [0x19, 0x10],
    ]
    for bytes in broken {
      #expect(throws: ParquetFault.self, "\(bytes)") { try skipAll(bytes) }
    }
  }

  @Test func nestingIsLimited() {
    for level: [UInt8] in [[0x1c], [0x19, 0x19], [0x1b, 0x01, 0x3b]] {
      let bytes = Array(repeatElement(level, count: 100_000).joined())
      #expect(throws: ParquetFault.corrupt("metadata nests too deeply")) { try skipAll(bytes) }
    }
  }

  @Test func skippedMapsAndSets() throws {
    // Field 1: {1: true, 2: false} as map<byte, bool>; field 2: set of two doubles; then field 3: 5.
    let bytes: [UInt8] =
      [0x1b, 2, 0x31, 1, 1, 2, 2, 0x1a, 0x27] + [UInt8](repeating: 9, count: 16) + [0x15, 10, 0]
    try read(bytes) { reader, field in
      if field.id == 3 { #expect(try reader.int32(field) == 5) } else { try reader.skip(field) }
    }
  }
}
