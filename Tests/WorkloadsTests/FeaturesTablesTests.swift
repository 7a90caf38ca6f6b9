import Testing
import Workloads

@Suite struct FeaturesTablesTests {
  @Test func stringsKeepTheirNumbers() throws {
    var table = StringTable()
    var numbers: [String: Int] = [:]
    var random = EventsRandom(state: 9)
    for _ in 0..<30_000 {
      let owner = UInt32.random(in: 0..<3, using: &random)
      let text =
        String(repeating: "x", count: Int.random(in: 0..<40, using: &random)) + "\(random.next() % 4000)"
      let number = try Array(text.utf8).withUnsafeBytes { bytes throws in
        try table.intern(bytes, owner: owner)
      }
      let expected = numbers["\(owner) \(text)", default: numbers.count]
      numbers["\(owner) \(text)"] = expected
      #expect(number == expected)
      #expect(table[number].elementsEqual(text.utf8) && table.owner(number) == Int(owner))
    }
    #expect(table.count == numbers.count)
    let empty = try table.intern(UnsafeRawBufferPointer(start: nil, count: 0))
    #expect(try table.intern(UnsafeRawBufferPointer(start: nil, count: 0)) == empty && table[empty].isEmpty)
  }

  @Test func pairs() {
    var set = PairSet()
    var expected: Set<[Int]> = []
    var random = EventsRandom(state: 10)
    for _ in 0..<50_000 {
      let pair = [Int.random(in: 0..<500, using: &random), Int.random(in: 0..<100, using: &random)]
      #expect(set.insert(pair[0], pair[1]) == expected.insert(pair).inserted)
    }
    #expect(set.insert(1 << 31, 0xffff_ffff) && !set.insert(1 << 31, 0xffff_ffff))
    expected.insert([1 << 31, 0xffff_ffff])
    var found: Set<[Int]> = []
    set.forEach { found.insert([$0, $1]) }
    #expect(found == expected && set.count == expected.count)
  }
}
