import Columns
import Engine
import Shuffle
import Wire

/// Groups with their aggregates: collects rows on the map side, merges partial results on the reduce side.
struct AggregateTable: MergeTable, ~Copyable {
  /// Groups that a batch of the result holds.
  private static let batchRows = 1 << 13
  /// Keys from which ranges are made.
  private static let samples = 4096

  private let groupBy: GroupBy
  private let notes: NoteCollector
  private var numbers: GroupNumbers
  private let states: [any AggregateState]
  private var positions: GroupPositions
  private var groupCount = 0

  /// - Parameter functions: Those of the calls; see ``functions(_:)``.
  init(_ groupBy: GroupBy, _ functions: [AggregateFunction], _ notes: NoteCollector) {
    self.groupBy = groupBy
    self.notes = notes
    numbers = GroupNumbers(groupBy.groups.map { ColumnField($0.name, $0.expr.type, nullable: true) })
    states = zip(functions, groupBy.calls).map { $0.makeState($1.types.arguments) }
    positions = GroupPositions(columns: max(1, groupBy.positions))
    // The only group of an aggregate without GROUP BY is there from the start.
    if groupBy.isGlobal { resize(to: 1) }
  }

  static func functions(_ groupBy: GroupBy) throws -> [AggregateFunction] {
    try groupBy.calls.map { call in
      guard let function = Aggregates.lookup(call.function) else {
        throw TaskFailure.fatal("no aggregate function is called '\(call.function)'")
      }
      return function
    }
  }

  var count: Int { groupCount }

  var byteCount: Int { numbers.byteCount + positions.byteCount + states.reduce(0) { $0 + $1.byteCount } }

  private mutating func resize(to count: Int) {
    groupCount = count
    for state in states { state.resize(to: groupCount) }
    positions.resize(to: groupCount)
  }

  /// Adds rows of the map side's input.
  mutating func add(
    groups: [Column], inputs: [AggregateInput], positions columns: [Column], rows: Int
  ) throws {
    let numbers = try number(groups, rows)
    for (state, input) in zip(states, inputs) {
      switch input {
      case .arguments(let vectors, let selection):
        try state.update(groups: numbers, arguments: vectors, rows: rows, selection: selection)
      case .state(let columns): try state.merge(groups: numbers, state: columns)
      }
    }
    if !columns.isEmpty { positions.merge(numbers, columns) }
  }

  private mutating func number(_ groups: [Column], _ rows: Int) throws -> [UInt32] {
    // All rows are of the only group.
    if groupBy.isGlobal { return [] }
    let numbers = try numbers.number(groups, rows: rows)
    resize(to: self.numbers.count)
    return numbers
  }

  /// Merges partial results.
  mutating func append(_ block: [UInt8], from source: Int) throws {
    switch try RowBlock(block, groupBy.partialFields) {
    case .rows(let batch):
      let numbers = try number(Array(batch.columns.prefix(groupBy.groups.count)), batch.rows)
      var next = groupBy.groups.count
      for (state, call) in zip(states, groupBy.calls) {
        try state.merge(groups: numbers, state: Array(batch.columns[next..<next + call.types.state.count]))
        next += call.types.state.count
      }
      positions.merge(numbers, Array(batch.columns[next...]))
    case .note(let note): notes.add(note)
    case nil: break
    }
  }

  borrowing func ranges(_ count: Int) -> KeyRanges? {
    guard groupCount > 1 else { return nil }
    let step = max(1, groupCount / AggregateTable.samples)
    var keys: [[UInt8]] = []
    for group in stride(from: 0, to: groupCount, by: step) { keys.append(Array(numbers.key(group))) }
    keys.sort { ByteOrder.compare($0, $1) < 0 }
    return KeyRanges(count, keys: keys.count) { keys[$0] }
  }

  mutating func spill(to files: RangeFiles) throws {
    var groups = [[UInt32]](repeating: [], count: files.ranges.count)
    for group in 0..<groupCount { groups[files.ranges.range(of: numbers.key(group))].append(UInt32(group)) }
    for (range, groups) in groups.enumerated() where !groups.isEmpty {
      try files.append(RowBlock.bytes(partial(groups)), to: range)
    }
    removeAll()
  }

  /// Emits all partial results, each group to its shuffle partition, and empties the table.
  /// - Parameter start: The position of the table's first group, where groups are numbered as they come.
  mutating func emit(_ task: any TaskContext, start: Int64) throws {
    if groupBy.positions == 0 { positions.number(from: start) }
    let partitions = task.outputPartitions
    var groups = [[UInt32]](repeating: [], count: partitions)
    for group in 0..<groupCount {
      let partition = groupBy.isGlobal ? 0 : HashPartition.of(numbers.hash(group), partitions: partitions)
      groups[partition].append(UInt32(group))
    }
    for (partition, groups) in groups.enumerated() where !groups.isEmpty {
      for start in stride(from: 0, to: groups.count, by: 1 << 17) {
        let part = Array(groups[start..<min(start + 1 << 17, groups.count)])
        try task.emit(RowBlock.bytes(partial(part)), to: partition)
      }
    }
    removeAll()
  }

  private mutating func partial(_ groups: [UInt32]) -> ColumnBatch {
    let columns =
      numbers.columns().map { $0.gather(groups) } + states.flatMap { $0.partial(groups) }
      + positions.columns(groups)
    return ColumnBatch(fields: groupBy.partialFields, columns: columns, rows: groups.count)
  }

  private mutating func removeAll() {
    numbers.removeAll()
    resize(to: 0)
    if groupBy.isGlobal { resize(to: 1) }
  }

  /// Passes on the result, batch by batch, in the order of the groups.
  mutating func finish(_ next: any BatchConsumer) throws {
    let all: [Column]
    if groupBy.keepsStates {
      all = partial((0..<groupCount).map { UInt32($0) }).columns
    } else {
      all =
        try numbers.columns() + states.map { try $0.finish(groupCount) }
        + positions.columns((0..<groupCount).map { UInt32($0) })
    }
    let result = ColumnBatch(fields: groupBy.fields, columns: all, rows: groupCount)
    for start in stride(from: 0, to: groupCount, by: AggregateTable.batchRows) {
      try next.consume(result.slice(start..<min(start + AggregateTable.batchRows, groupCount)))
      if next.isDone { return }
    }
  }
}

/// What a call reads of a batch.
enum AggregateInput {
  case arguments([Vector], selection: [UInt32]?)
  case state([Column])
}
