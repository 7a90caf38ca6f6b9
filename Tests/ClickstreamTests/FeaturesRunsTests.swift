import CSimdJSON
import Clickstream
import TestSupport
import Testing

/// Where runs end, and so in which order floating-point numbers are added up, follows from the events alone.
@Suite struct FeaturesRunsTests {
  private static let day: Int64 = 86_400_000
  private static let start: Int64 = 20_179 * day

  /// Rejected lines and events outside the range, which do not count, lie between those that do.
  private let text: [UInt8] = {
    var random = SeededRandom(state: 11)
    var text = ""
    for number in 0..<12_000 {
      let time = start + Int64(random.next() % UInt64(4 * day))
      let draw = random.next()
      text +=
        #"{"event_type":"purchase","timestamp":\#(time),"user_id":"u\#(draw % 2000)","session_id":"s\#(draw % 9)","price":0.\#(random.next())}"#
        + (number % 700 == 0 ? "\nno event\n" : "\n")
    }
    return Array(text.utf8)
  }()

  /// - Parameters:
  ///   - piece: Bytes that are scanned at a time, up to the end of their last line.
  ///   - Returns: The blocks of all runs; nil where this CPU does not have the kernel.
  private func runs(_ kernel: swiftlet_plain_kernel, piece: Int) throws -> [[UInt8]]? {
    guard var scanner = try EventScanner(plainLinesBy: kernel) else { return nil }
    let times = Self.start..<Self.start + 3 * Self.day
    let range = try #require(TimeRange(start: times.lowerBound, end: times.upperBound))
    let blocks = Blocks()
    var runs = UserRuns(range: range, sessionGap: 1_800_000, runBytes: 100_000, partitions: 3) { block, _ in
      blocks.all.append(block)
    }
    var from = 0
    while from < text.count {
      let newline = text[min(from + piece, text.count - 1)...].firstIndex(of: UInt8(ascii: "\n"))
      let end = (newline ?? text.count - 1) + 1
      try text[from..<end].withUnsafeBytes { bytes in
        var rest = bytes
        while !rest.isEmpty {
          let accepted = try scanner.scan(&rest).filter { $0.reason == 0 && times.contains($0.timestamp) }
          try accepted.withUnsafeBufferPointer { try runs.add($0) }
        }
      }
      from = end
    }
    try runs.finish(ScanTally(cap: 0))
    return blocks.all
  }

  private final class Blocks {
    var all: [[UInt8]] = []
  }

  @Test func neitherKernelsNorBatchesShow() throws {
    let reference = try #require(try runs(SWIFTLET_PLAIN_REFERENCE, piece: 1 << 20))
    #expect(reference.count > 3 * 3, "three runs at least, a block for each of three partitions")
    for kernel in [SWIFTLET_PLAIN_REFERENCE, SWIFTLET_PLAIN_AVX2, SWIFTLET_PLAIN_AVX512] {
      for piece in [1, 997, 40_000, 1 << 20] {
        guard let found = try runs(kernel, piece: piece) else { continue }
        #expect(found == reference, "kernel \(kernel.rawValue), \(piece) bytes at a time")
      }
    }
  }
}
