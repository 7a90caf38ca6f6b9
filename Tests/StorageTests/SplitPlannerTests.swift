import Formats
import Storage
import Testing

@Suite struct SplitPlannerTests {
  private func object(_ size: Int64, _ uri: String = "/f.jsonl") -> ObjectInfo {
    ObjectInfo(uri: uri, size: size, version: "1")
  }

  @Test(arguments: [1, 2, 9, 10, 11, 19, 20, 21, 999, 999_983] as [Int64])
  func rangesAreBalancedAndCoverAll(size: Int64) {
    let splits = SplitPlanner.lineSplits(of: [object(size)], targetBytes: 10)
    #expect(splits.first?.start == 0 && splits.last?.end == size)
    #expect(zip(splits, splits.dropFirst()).allSatisfy { $0.end == $1.start })
    let lengths = splits.map { $0.end - $0.start }
    #expect(lengths.allSatisfy { (1...10).contains($0) })
    #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1)
    #expect(splits.count == (Int(size) + 9) / 10)
  }

  @Test func compressedStayWholeAndEmptyGiveNone() {
    let objects = [
      object(0), object(1000, "/a.jsonl.zst"), object(0, "/b.gz"), object(1000, "/c.gz"), object(25),
    ]
    let splits = SplitPlanner.lineSplits(of: objects, targetBytes: 10)
    #expect(splits.map(\.object.uri) == ["/a.jsonl.zst", "/c.gz", "/f.jsonl", "/f.jsonl", "/f.jsonl"])
    #expect(splits.prefix(2).allSatisfy { $0.start == 0 && $0.end == 1000 })
    #expect(SplitPlanner.lineSplits(of: []).isEmpty)
    #expect(SplitPlanner.lineSplits(of: [object(32 << 20)]).count == 1)
  }

  @Test func absurdSizesCostNoMemory() {
    let splits = SplitPlanner.lineSplits(of: [object(.max)], targetBytes: 0)
    #expect(splits.count == 100_000)
    #expect(splits.last?.end == .max)
    #expect(zip(splits, splits.dropFirst()).allSatisfy { $0.end == $1.start && $0.start < $0.end })
  }
}
