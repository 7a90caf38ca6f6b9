// Runs an aggregate function the way the operator does: over batches, over parts that are merged, and through the byte form of
// partial results.
import Basics
import Columns
import Query
import TestSupport

struct AggregateRun {
  let function: AggregateFunction
  let types: AggregateTypes
  let groupCount: Int

  init(_ name: String, _ arguments: [ColumnType], groups: Int) throws {
    types = try Aggregates.resolve(name, arguments)
    guard let function = Aggregates.lookup(name) else { throw QueryError("no \(name)") }
    self.function = function
    groupCount = groups
  }

  private func newState() -> any AggregateState {
    let state = function.makeState(types.arguments)
    state.resize(to: groupCount)
    return state
  }

  private func add(
    _ rows: Range<Int>, _ groups: [UInt32], _ columns: [Column], _ selection: [UInt32]?,
    to state: any AggregateState
  ) throws {
    let chosen = selection?.filter { rows.contains(Int($0)) }.map { $0 - UInt32(rows.lowerBound) }
    try state.update(
      groups: groups.isEmpty ? [] : Array(groups[rows]),
      arguments: zip(columns, types.arguments).map { Vector($0.slice(rows), $1) }, rows: rows.count,
      selection: chosen)
  }

  /// All rows in one batch.
  func whole(_ groups: [UInt32], _ columns: [Column], rows: Int, selection: [UInt32]? = nil) throws -> Column
  {
    let state = newState()
    try add(0..<rows, groups, columns, selection, to: state)
    return try state.finish(groupCount)
  }

  /// Rows in parts of random sizes, whose partial results are merged as a random tree and pass through bytes.
  func split(
    _ groups: [UInt32], _ columns: [Column], rows: Int, selection: [UInt32]? = nil,
    _ random: inout SeededRandom
  ) throws -> Column {
    var states: [any AggregateState] = []
    var start = 0
    repeat {
      let state = newState()
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        let end = Int.random(in: start...min(rows, start + max(1, rows / 3)), using: &random)
        try add(start..<end, groups, columns, selection, to: state)
        start = end
      }
      states.append(state)
    } while start < rows
    while states.count > 1 {
      let index = Int.random(in: 0..<states.count - 1, using: &random)
      let merged = newState()
      for state in states[index...index + 1] { try merge(state, into: merged, &random) }
      states.replaceSubrange(index...index + 1, with: [merged])
    }
    return try states[0].finish(groupCount)
  }

  private func merge(
    _ state: any AggregateState, into target: any AggregateState, _ random: inout SeededRandom
  ) throws {
    let order = (0..<groupCount).map { UInt32($0) }.shuffled(using: &random)
    let middle = Int.random(in: 0...groupCount, using: &random)
    for groups in [Array(order[..<middle]), Array(order[middle...])] where !groups.isEmpty {
      let columns = state.partial(groups)
      var decoded: [Column] = []
      for (column, type) in zip(columns, types.state) {
        var writer = ByteWriter()
        column.encode(to: &writer)
        var reader = ByteReader(writer.bytes)
        decoded.append(try Column(type, rows: groups.count, from: &reader))
        try reader.expectEnd()
      }
      try target.merge(groups: groupCount == 1 ? [] : groups, state: decoded)
    }
  }

  /// The results as scalars.
  func scalars(_ column: Column) -> [ScalarValue] {
    (0..<column.count).map { column.scalar($0, types.result) }
  }
}

/// Runs a function over one column in one group.
func aggregate(_ name: String, _ values: ColumnValues, _ type: ColumnType, validity: [Bool]? = nil) throws
  -> ScalarValue
{
  let run = try AggregateRun(name, [type], groups: 1)
  let column = Column(values, validity: validity)
  return run.scalars(try run.whole([], [column], rows: column.count))[0]
}

/// The bits of doubles, so that NaN and −0 are compared too.
func bits(_ column: Column) -> [UInt64?] {
  guard case .double(let values) = column.values else { return [] }
  return values.indices.map { column.isNull($0) ? nil : values[$0].bitPattern }
}
