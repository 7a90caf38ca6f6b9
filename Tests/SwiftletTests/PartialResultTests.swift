import Swiftlet
import Synchronization
import Testing

/// Addresses of the storage of partial results, and the largest that was merged.
private let seen = Mutex<(addresses: Set<UInt>, largest: Int)>(([], 0))

private struct Collected: Record {
  var items: [Int] = []
  var texts: [String] = []
}

private struct PartialJob: Job {
  @Option("What.") var mode = ""
  @Option("How many.") var limit = 0

  func pipeline() -> Pipeline {
    let numbers = Dataset([0]).flatMap { [limit] _ in 0..<limit }
    switch mode {
    case "in place":
      let collect = Aggregation<Int, Collected, Int>(
        start: { [limit] in
          var collected = Collected()
          collected.items.reserveCapacity(limit)
          return collected
        },
        add: { collected, number in
          collected.items.append(number)
          let address = collected.items.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
          seen.withLock { _ = $0.addresses.insert(address) }
        },
        merge: { $0.items += $1.items }, finish: { $0.items.count })
      return numbers.aggregate(by: { _ in 0 }, collect).collect { "\($0[0].value)" }
    case "large":
      let collect = Aggregation<Int, Collected, Int>(
        start: { Collected() },
        add: { collected, number in collected.texts.append(String(repeating: "x", count: 4096)) },
        merge: { collected, other in
          seen.withLock { $0.largest = max($0.largest, other.texts.count) }
          collected.texts += other.texts
        },
        finish: { $0.texts.count })
      return numbers.aggregate(by: { _ in 0 }, collect).collect { "\($0[0].value)" }
    default:
      return numbers.top(limit / 2, by: { $0 }).collect { found in
        "\(found.count) \(found.first ?? -1) \(found.last ?? -1) \(found == found.sorted(by: >))"
      }
    }
  }
}

@Suite(.serialized) struct PartialResultTests {
  /// Adding a record must not copy the partial result.
  @Test func recordsAreAddedInPlace() throws {
    #expect(try run(PartialJob.self, ["mode": "in place", "limit": 3000]).text == "3000")
    #expect(seen.withLock { $0.addresses.count } == 1)
  }

  /// A run ends by the memory that its partial results really take: 8 MiB hold 2,000 texts of 4 KiB, not 10,000.
  @Test func memoryOfArraysCounts() throws {
    #expect(try run(PartialJob.self, ["mode": "large", "limit": 10_000]).text == "10000")
    let largest = seen.withLock { $0.largest }
    #expect((1000...2500).contains(largest), "\(largest) texts in one partial result")
  }

  /// Ascending ranks: every record is among the best so far. Quadratic insertion takes minutes here.
  @Test(.timeLimit(.minutes(1))) func topOfManyAscending() throws {
    #expect(try run(PartialJob.self, ["limit": 60_000]).text == "30000 59999 30000 true")
  }
}
