import Formats
import Storage
import TestSupport
import Testing

/// Objects of any size that all begin with the same bytes.
private struct HeadStore: ObjectStore {
  let head: [UInt8]
  func list(_ uri: String) throws -> [ObjectInfo] { [] }
  func open(_ object: ObjectInfo) throws -> any ObjectReader { MemoryReader(object, head) }
  func info(_ uri: String) throws -> ObjectInfo { ObjectInfo(uri: uri, size: 0, version: "") }
}

@Suite struct LineSplitsTests {
  private let text = HeadStore(head: Array("{\"a\":1}\n".utf8))

  private func object(_ size: Int64, _ uri: String = "/f.jsonl") -> ObjectInfo {
    ObjectInfo(uri: uri, size: size, version: "1")
  }

  @Test(arguments: [1, 2, 9, 10, 11, 19, 20, 21, 999, 999_983] as [Int64])
  func rangesAreBalancedAndCoverAll(size: Int64) throws {
    let splits = try LineSplits([object(size)], in: text, targetBytes: 10).splits
    #expect(splits.first?.start == 0 && splits.last?.end == size)
    #expect(zip(splits, splits.dropFirst()).allSatisfy { $0.end == $1.start })
    let lengths = splits.map { $0.end - $0.start }
    #expect(lengths.allSatisfy { (1...10).contains($0) })
    #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1)
    #expect(splits.count == (Int(size) + 9) / 10)
  }

  /// Names play no part: what begins like gzip stays whole, what begins like text is cut.
  @Test func bytesDecideWhatIsCut() throws {
    let gzip = HeadStore(head: [0x1f, 0x8b, 8, 0])
    for name in ["/a.jsonl", "/a", "/a.zst"] {
      let splits = try LineSplits([object(0), object(1000, name)], in: gzip, targetBytes: 10).splits
      #expect(splits == [InputSplit(object(1000, name), codec: .gzip)])
      #expect(try LineSplits([object(25, name)], in: text, targetBytes: 10).splits.count == 3)
    }
    #expect(try LineSplits([], in: text).splits.isEmpty)
  }

  @Test func smallObjectsAreNotLookedAt() throws {
    let parquet = HeadStore(head: Array("PAR1".utf8))
    #expect(try LineSplits([object(32 << 20)], in: parquet).splits == [InputSplit(object(32 << 20))])
    let error = failure { try LineSplits([object(9), object(11, "/x")], in: parquet, targetBytes: 10) }
    #expect(error == .corrupt(location: "/x", message: "looks like Parquet; expected lines of text"))
  }

  @Test func absurdSizesCostNoMemory() throws {
    let splits = try LineSplits([object(.max)], in: text, targetBytes: 0).splits
    #expect(splits.count == 100_000)
    #expect(splits.last?.end == .max)
    #expect(zip(splits, splits.dropFirst()).allSatisfy { $0.end == $1.start && $0.start < $0.end })
  }
}
