import Basics
import Engine
import Shuffle
import TestSupport
import Testing
import Wire

@Suite struct SpillingMergeTests {
  private struct Row: Equatable, Comparable {
    var key: [UInt8]
    var value: [UInt8]

    static func < (a: Row, b: Row) -> Bool { a.key.lexicographicallyPrecedes(b.key) }
  }

  /// Blocks of `count` rows, written as a map task writes them.
  private func blocks(_ rows: [Row]) throws -> [[UInt8]] {
    let task = FakeTask(outputPartitions: 1)
    for rows in stride(from: 0, to: rows.count, by: 100).map({ rows[$0..<min($0 + 100, rows.count)] }) {
      var writer = try RowWriter(task)
      for row in rows {
        try row.key.withUnsafeBytes { key in
          try row.value.withUnsafeBytes { try writer.append(key: key, value: $0, to: 0) }
        }
      }
      try writer.finish()
    }
    return task.emitted[0]
  }

  private func rows(_ count: Int, keys: Int, seed: UInt64) -> [Row] {
    var random = SeededRandom(state: seed)
    return (0..<count).map { number in
      let key = Array("key \(Int.random(in: 0..<keys, using: &random))".utf8)
      return Row(key: key, value: Array("\(number)".utf8))
    }
  }

  /// All rows in the order of the keys, rows of a key in their order; from each source.
  private func merged(_ sources: [[Row]], limit: Int) throws -> (rows: [[Row]], files: Int) {
    let task = FakeTask(blocks: try sources.map(blocks))
    var found = sources.map { _ in [Row]() }
    let merge = SpillingMerge(task, limit: limit) { RowTable(sources: sources.count, task) }
    try merge.run(sources.indices.map { .rows(upstream: $0) }) { table in
      for (source, store) in table.stores.enumerated() {
        let order = store.sorted()
        for position in 0..<order.count {
          let row = Int(order[position])
          found[source].append(Row(key: Array(store.key(row)), value: Array(store.value(row))))
        }
      }
    }
    return (found, task.spillFiles)
  }

  @Test(arguments: [1 << 30, 60_000, 4000, 1]) func memoryDoesNotShow(limit: Int) throws {
    let sources = [rows(3000, keys: 500, seed: 1), rows(700, keys: 900, seed: 2)]
    let (found, files) = try merged(sources, limit: limit)
    for (source, rows) in sources.enumerated() {
      let expected = rows.enumerated().sorted {
        $0.element.key == $1.element.key ? $0.offset < $1.offset : $0.element < $1.element
      }
      #expect(found[source] == expected.map(\.element))
    }
    #expect((files == 0) == (limit == 1 << 30))
  }

  /// A single key cannot be cut: it stays in memory, and no file is made for it.
  @Test func aSingleKeyIsNotSpilled() throws {
    let (found, files) = try merged([rows(2000, keys: 1, seed: 3)], limit: 10)
    #expect(found[0].map(\.value) == (0..<2000).map { Array("\($0)".utf8) } && files == 0)
  }

  @Test func corruptBlocksAreTransient() throws {
    let good = try blocks(rows(50, keys: 5, seed: 4))[0]
    for block in [Array(good.dropLast()), [5], [0xff, 0xff, 0xff, 0xff, 0x7f] + good] {
      let task = FakeTask(blocks: [[block]])
      let merge = SpillingMerge(task, limit: 1000) { RowTable(sources: 1, task) }
      #expect { try merge.run([.rows(upstream: 0)]) { _ in } } throws: { error in
        if case .transient? = error as? TaskFailure { true } else { false }
      }
    }
  }

  @Test func runsEndByRecordsAlone() {
    var rule = RunRule(bytes: 1000, records: 50, interval: 4)
    var ends: [Int] = []
    for record in 1...100 where rule.endsRun(after: 1, byteCount: record > 80 ? 1000 : 0) {
      ends.append(record)
    }
    #expect(ends == [52, 84, 88, 92, 96, 100])
  }

  @Test func queuesKeepOrderAcrossTheirFile() throws {
    var queue = BlockQueue(FakeTask(memory: 100))
    for number in 0..<60 { try queue.append([UInt8(number), 0, 0]) }
    for number in 0..<60 { #expect(try queue.next() == [UInt8(number), 0, 0]) }
    #expect(try queue.next() == nil)
  }
}
