import Shuffle
import TestSupport
import Testing

@Suite struct KeyRangesTests {
  private func range(_ ranges: KeyRanges, _ key: [UInt8]) -> Int {
    key.withUnsafeBytes { ranges.range(of: $0) }
  }

  @Test(arguments: [2, 3, 15, 16, 17, 1000]) func cutsEvenlyAndInOrder(count: Int) throws {
    let keys = (0..<count).map { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    let ranges = try #require(KeyRanges(16, keys: count) { keys[$0] })
    #expect(ranges.count == min(16, count))
    let found = keys.map { range(ranges, $0) }
    #expect(found == found.sorted() && Set(found).count == ranges.count)
    #expect(range(ranges, []) == 0 && range(ranges, [0xff, 0xff, 0xff]) == ranges.count - 1)
    let sizes = Dictionary(grouping: found) { $0 }.values.map(\.count)
    #expect(try #require(sizes.max()) <= count / ranges.count + 1)
  }

  @Test func oneKeyIsNotCut() {
    #expect(KeyRanges(16, keys: 0) { _ in [] } == nil)
    #expect(KeyRanges(16, keys: 100) { _ in [7] } == nil)
  }

  @Test func aSingleOtherKeyIsCutOff() throws {
    let keys = Array(repeating: [7] as [UInt8], count: 1000) + [[9]]
    let ranges = try #require(KeyRanges(16, keys: keys.count) { keys[$0] })
    #expect(ranges.count == 2 && range(ranges, [7]) == 0 && range(ranges, [9]) == 1)
  }

  @Test func equalKeysShareARange() throws {
    let keys = [[1], [2], [2], [2], [2], [2], [3]] as [[UInt8]]
    let ranges = try #require(KeyRanges(4, keys: keys.count) { keys[$0] })
    #expect(keys.map { range(ranges, $0) } == [0, 1, 1, 1, 1, 1, 1])
  }

  @Test(arguments: [1, 2, 7]) func samplesCutEvenly(partitions: Int) throws {
    var samples = (0..<3).map { _ in KeySample() }
    for number in 0..<9000 { samples[number % 3].add([UInt8(number % 251), UInt8(number % 241)]) }
    let ranges = KeySample.ranges(
      try samples.map { try KeySample(decoding: $0.encoded) }, partitions: partitions)
    #expect(ranges.count == partitions)
    var sizes = [Int](repeating: 0, count: partitions)
    for number in 0..<9000 { sizes[range(ranges, [UInt8(number % 251), UInt8(number % 241)])] += 1 }
    #expect(sizes.allSatisfy { abs($0 - 9000 / partitions) <= 9000 / partitions / 4 }, "\(sizes)")
  }
}
