import Clickstream
import TestSupport
import Testing

@Suite struct FeaturesTablesTests {
  @Test func stringsKeepTheirNumbers() throws {
    var table = StringTable()
    var numbers: [String: Int] = [:]
    var random = SeededRandom(state: 9)
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

  /// More pairs than are kept before the list is tidied, of which most come several times.
  @Test(arguments: [(3, 4), (700, 900), (50_000, 40)]) func pairs(_ firsts: Int, _ seconds: Int) {
    var list = PairList()
    var expected = [Set<Int>](repeating: [], count: firsts)
    var random = SeededRandom(state: 10)
    for _ in 0..<500_000 {
      let first = Int.random(in: 0..<firsts, using: &random)
      let second = Int.random(in: 0..<seconds, using: &random)
      // What is known to be there may be left out, or not.
      list.append(first, second, isNew: expected[first].insert(second).inserted || random.next() % 2 == 0)
    }
    let counts = list.distinctSeconds(firsts: firsts)
    #expect((0..<firsts).allSatisfy { counts[$0] == expected[$0].count })
    #expect(list.byteCount <= 8 << 20)
  }

  @Test func keysKnowEveryByteAndTheOwner() {
    var random = SeededRandom(state: 12)
    for length in 0..<80 {
      var bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      func hash(_ owner: UInt32 = 0) -> UInt64 { bytes.withUnsafeBytes { StringKey($0).hash(owner: owner) } }
      var hashes: Set<UInt64> = [hash(), hash(1)]
      for index in 0..<length {
        bytes[index] ^= 1
        hashes.insert(hash())
        bytes[index] ^= 1
      }
      #expect(hashes.count == length + 2)
    }
  }
}
