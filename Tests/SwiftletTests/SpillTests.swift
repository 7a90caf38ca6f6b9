import Basics
import Engine
import Foundation
import Swiftlet
import TestSupport
import Testing
import Worker

private struct Visit: Record, Equatable {
  var id: Int
  var user: String
  var weight: Double
}

private struct SpillJob: Job {
  @Option("Result.") var output: DataPath
  @Option("What.") var mode = ""

  struct Sum: Record {
    var user: String
    var sum: Double
    var ids: [Int]
  }

  func pipeline() throws -> Pipeline {
    let visits = Dataset((0..<40).map { $0 }).flatMap { task in
      (0..<150).map { number in
        let id = task * 150 + number
        let mixed = (id &* 2_654_435_761) & 0xfffff
        let user = mixed % 10 == 0 ? "often" : "user \(mixed % 1500)"
        return Visit(id: id, user: user, weight: 1 / Double(mixed + 3))
      }
    }
    switch mode {
    case "sort": return visits.sorted(by: \.user).save(to: output, as: .jsonLines)
    case "join":
      let few = visits.filter { $0.id % 40 == 0 }
      return visits.leftJoin(few, on: \.user, equals: \.user).save(to: output, as: .jsonLines)
    default:
      let sums = Aggregation<Visit, Sum, Sum>(
        start: { Sum(user: "", sum: 0, ids: []) },
        add: { sum, visit in
          sum.sum += visit.weight
          sum.ids.append(visit.id)
        },
        merge: { sum, other in
          sum.sum += other.sum
          sum.ids += other.ids
        },
        finish: { $0 })
      return visits.aggregate(by: \.user, sums)
        .map { Sum(user: $0.key, sum: $0.value.sum, ids: $0.value.ids) }.save(to: output, as: .jsonLines)
    }
  }
}

/// With memory for nothing, every stage that needs rows together goes over files, cut again and again; its output is the same.
@Suite struct SpillTests {
  @Test(arguments: ["sort", "join", "aggregate"], [1, 3])
  func theBudgetDoesNotShow(mode: String, partitions: Int) throws {
    let scratch = try TemporaryFolder()
    let options: [String: JSONValue] = ["mode": .string(mode), "partitions": .integer(Int64(partitions))]
    try run(SpillJob.self, options.merging(["output": .string(scratch.path + "/ample")]) { $1 })
    let expected = try scratch.read("ample")
    #expect(expected.utf8.count > 50_000)
    for slot in [40_000, 100] {
      let shares = MemoryShares(slot: slot, stored: 10_000, outgoing: 1 << 20)
      try run(
        SpillJob.self, options.merging(["output": .string(scratch.path + "/tight\(slot)")]) { $1 },
        shares: shares)
      #expect(try scratch.read("tight\(slot)") == expected)
    }
  }
}
