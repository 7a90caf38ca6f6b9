import Formats
import TestSupport
import Testing

@Suite struct ParquetEncodingTests {
  private func roundTrip(_ values: [UInt32], width: Int) throws -> [UInt32] {
    var bytes: [UInt8] = []
    values.withUnsafeBufferPointer { RunLengthEncoder.encode($0, width: width, into: &bytes) }
    var decoded = [UInt32](repeating: .max, count: values.count)
    try decoded.withUnsafeMutableBufferPointer { target in
      try bytes.withUnsafeBytes { try RunLengthDecoder.decode($0, width: width, into: target) }
    }
    return decoded
  }

  @Test(arguments: 1...32)
  func runsAndPackedValuesComeBack(width: Int) throws {
    var generator = SeededRandom(state: UInt64(width))
    for _ in 0..<60 {
      var values: [UInt32] = []
      while values.count < 200 {
        let value = UInt32.random(
          in: 0...UInt32(truncatingIfNeeded: (UInt64(1) << UInt64(width)) - 1), using: &generator)
        let repeats = Bool.random(using: &generator) ? 1 : Int.random(in: 1...60, using: &generator)
        values += repeatElement(value, count: repeats)
      }
      values.removeLast(Int.random(in: 0..<200, using: &generator))
      #expect(try roundTrip(values, width: width) == values)
    }
  }

  @Test func runLengthExampleOfTheFormat() throws {
    // Encodings.md: 0 to 7 in three bits are 10001000 11000110 11111010.
    var bytes: [UInt8] = []
    (0..<8).map { UInt32($0) }.withUnsafeBufferPointer { RunLengthEncoder.encode($0, width: 3, into: &bytes) }
    #expect(bytes == [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010])
  }

  @Test func brokenRuns() {
    func decode(_ bytes: [UInt8], _ width: Int, _ count: Int) throws {
      var target = [UInt32](repeating: 0, count: count)
      try target.withUnsafeMutableBufferPointer { target in
        try bytes.withUnsafeBytes { try RunLengthDecoder.decode($0, width: width, into: target) }
      }
    }
    let broken: [([UInt8], Int)] = [
      ([], 1), ([0x80], 1), ([0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 1), ([0x10], 8), ([0x03], 8),
      ([0x00, 0x00], 8),
      ([0x03, 0, 0, 0, 0, 0, 0, 0], 8), ([0x10, 0], 33), ([0x02, 1, 0x02, 1], 8),
      ([0xff, 0xff, 0xff, 0xff, 0x1f], 8),
    ]
    for (bytes, width) in broken {
      #expect(throws: ParquetFault.self, "\(bytes)") { try decode(bytes, width, 8) }
    }
    #expect(throws: Never.self) { try decode([0x10, 7], 8, 8) }
  }

  private func delta<T: FixedWidthInteger & SignedInteger>(_ bytes: [UInt8], _ type: T.Type, _ count: Int)
    throws -> [T]
  {
    var target = [T](repeating: 0, count: count)
    try target.withUnsafeMutableBufferPointer { target in
      var position = 0
      try bytes.withUnsafeBytes { try DeltaDecoder.decode($0, &position, into: target) }
    }
    return target
  }

  @Test func deltaExamplesOfTheFormat() throws {
    // Encodings.md: 1, 2, 3, 4, 5, and 7, 5, 3, 1, 2, 3, 4, 5 with the smallest difference −2.
    #expect(try delta([128, 1, 4, 5, 2, 2, 0, 0, 0, 0], Int32.self, 5) == [1, 2, 3, 4, 5])
    let second: [UInt8] = [128, 1, 4, 8, 14, 3, 2, 0, 0, 0, 0b1100_0000, 0b0011_1111, 0, 0, 0, 0, 0, 0]
    #expect(try delta(second, Int64.self, 8) == [7, 5, 3, 1, 2, 3, 4, 5])
  }

  @Test func brokenDeltas() {
    let broken: [[UInt8]] = [
      [], [128, 1, 4, 5, 2], [128, 1, 0, 5, 2, 2], [128, 1, 3, 5, 2, 2], [0, 4, 5, 2, 2],
      [128, 1, 4, 6, 2, 2],
      [128, 1, 4, 5, 2, 2, 65, 0, 0, 0], [128, 1, 4, 5, 2, 2, 64, 0, 0, 0, 1, 2],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 4, 5, 2, 2],
      [128, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 1, 5, 2, 2],
    ]
    for bytes in broken {
      #expect(throws: ParquetFault.self, "\(bytes)") { try delta(bytes, Int64.self, 5) }
    }
  }

  @Test func deltaSumsWrapAround() throws {
    // From Int32.max on, one up each.
    let header: [UInt8] = [128, 1, 4, 3, 0xfe, 0xff, 0xff, 0xff, 0x0f, 2, 0, 0, 0, 0]
    #expect(try delta(header, Int32.self, 3) == [.max, .min, .min + 1])
  }
}
