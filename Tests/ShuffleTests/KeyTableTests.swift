import Shuffle
import TestSupport
import Testing

@Suite struct KeyTableTests {
  @Test func keysKeepTheirNumbers() throws {
    var table = KeyTable()
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

  @Test func sortsByBytes() throws {
    var table = KeyTable()
    var random = SeededRandom(state: 5)
    var keys: Set<[UInt8]> = [[], [0], [0, 0], Array("shared prefix".utf8), Array("shared prefix2".utf8)]
    for _ in 0..<2000 {
      let count = Int.random(in: 0..<12, using: &random)
      keys.insert((0..<count).map { _ in UInt8.random(in: 0..<3, using: &random) * 127 })
    }
    for key in keys { _ = try key.withUnsafeBytes { bytes throws in try table.intern(bytes) } }
    let order = table.sorted()
    let sorted = (0..<order.count).map { Array(table[Int(order[$0])]) }
    #expect(sorted == keys.sorted { $0.lexicographicallyPrecedes($1) })
  }

  @Test func hashesDependOnEveryByteAndTheOwner() {
    var random = SeededRandom(state: 12)
    for length in 0..<80 {
      var bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      func hash(_ owner: UInt32 = 0) -> UInt64 { bytes.withUnsafeBytes { ByteKey($0).hash(owner: owner) } }
      var hashes: Set<UInt64> = [hash(), hash(1)]
      for index in 0..<length {
        bytes[index] ^= 1
        hashes.insert(hash())
        bytes[index] ^= 1
      }
      #expect(hashes.count == length + 2)
    }
  }

  /// Outputs of earlier versions must not move to other partitions.
  @Test func partitionsAreFixed() {
    let partitions = [
      "", "u1", "user-000123", "a somewhat longer key of a page", String(repeating: "y", count: 70),
    ]
    .map { key in
      Array(key.utf8).withUnsafeBytes { HashPartition.of(ByteKey($0).hash(), partitions: 1000) }
    }
    #expect(partitions == [964, 822, 20, 139, 713])
  }

  /// More pairs than are kept before the list drops duplicates, most of them several times.
  @Test(arguments: [(3, 4), (700, 900), (50_000, 40)]) func pairs(_ firsts: Int, _ seconds: Int) {
    var list = PairList()
    var expected = [Set<Int>](repeating: [], count: firsts)
    var random = SeededRandom(state: 10)
    for _ in 0..<500_000 {
      let first = Int.random(in: 0..<firsts, using: &random)
      let second = Int.random(in: 0..<seconds, using: &random)
      // A pair known to be in the list may be announced or not.
      list.append(first, second, isNew: expected[first].insert(second).inserted || random.next() % 2 == 0)
    }
    let counts = list.distinctSeconds(firsts: firsts)
    #expect((0..<firsts).allSatisfy { counts[$0] == expected[$0].count })
    #expect(list.byteCount <= 8 << 20)
  }
}
