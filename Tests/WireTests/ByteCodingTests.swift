import Basics
import Testing
import Wire

@Suite struct ByteCodingTests {
  @Test func valuesSurvive() throws {
    let unsigned: [UInt64] = (0..<64).flatMap { [UInt64(1) << $0, (UInt64(1) << $0) - 1] } + [.max]
    let signed: [Int64] = [0, 1, -1, 63, -64, 64, .max, .min]
    var writer = ByteWriter()
    for value in unsigned { writer.varint(value) }
    for value in signed { writer.signed(value) }
    writer.integer(UInt16(0x1234))
    writer.double(-0.0)
    writer.float(.infinity)
    writer.string("naïve 🙂")
    writer.array([Int32.min, 5])
    writer.optional(Optional<WorkerID>.none)
    writer.optional(WorkerID(3))
    var reader = ByteReader(writer.bytes)
    for value in unsigned { #expect(try reader.varint() == value) }
    for value in signed { #expect(try reader.signed() == value) }
    #expect(try reader.integer(UInt16.self) == 0x1234)
    #expect(try reader.double().sign == .minus)
    #expect(try reader.float() == .infinity)
    #expect(try reader.string() == "naïve 🙂")
    #expect(try reader.array(of: Int32.self) == [.min, 5])
    #expect(try reader.optional(WorkerID.self) == nil)
    #expect(try reader.optional(WorkerID.self) == WorkerID(3))
    try reader.expectEnd()
  }

  @Test func integersAreLittleEndian() {
    var writer = ByteWriter()
    writer.integer(UInt32(0x0102_0304))
    writer.varint(300)
    #expect(writer.bytes == [4, 3, 2, 1, 0xac, 2])
  }

  @Test func aVarintOver64BitsIsAnError() {
    let longest = [UInt8](repeating: 0xff, count: 9)
    var fits = ByteReader(longest + [1])
    #expect(throws: Never.self) { try fits.varint() }
    var over = ByteReader(longest + [2])
    #expect(throws: WireError.self) { try over.varint() }
    var endless = ByteReader([UInt8](repeating: 0x80, count: 11) + [0])
    #expect(throws: WireError.self) { try endless.varint() }
  }

  /// Lengths that are not there, up to the largest, cost an error and no memory.
  @Test func lengthsThatLieAreErrors() {
    for length in [UInt64(9), 1 << 31, 1 << 40, 1 << 61, (1 << 63) - 1, 1 << 63, .max] {
      var writer = ByteWriter()
      writer.varint(length)
      writer.integer(UInt64(0))
      let bytes = writer.bytes
      func fails(_ read: (inout ByteReader) throws -> Void) -> Bool {
        var reader = ByteReader(bytes)
        do { try read(&reader) } catch { return error is WireError }
        return false
      }
      #expect(fails { _ = try $0.string() })
      #expect(fails { _ = try $0.blob() })
      #expect(fails { _ = try $0.array(of: UInt64.self) })
      #expect(fails { _ = try $0.list(of: WorkerID.self) })
    }
  }

  @Test func textMustBeUTF8() {
    for bytes: [UInt8] in [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0x61, 0x80], [0xc0, 0xaf]] {
      var writer = ByteWriter()
      writer.blob(bytes)
      #expect(throws: WireError.self) {
        var reader = ByteReader(writer.bytes)
        _ = try reader.string()
      }
    }
  }

  @Test func aBooleanIsZeroOrOne() {
    var reader = ByteReader([2])
    #expect(throws: WireError.self) { try reader.bool() }
  }
}
