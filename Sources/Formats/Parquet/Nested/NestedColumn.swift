import Columns

/// Puts lists and structs together from the levels of their leaves (the encoding of Google's Dremel).
struct NestedColumn {
  private let column: ParquetColumn
  private let records: [LeafRecords]

  /// - Parameter records: Those of each leaf of the column.
  init(_ column: ParquetColumn, _ records: [LeafRecords]) {
    self.column = column
    self.records = records
  }

  /// What exists in an entry of a leaf: a slot is one value of a node, null or not. Slots begin where the repetition level is
  /// at most `repetition` and the definition level at least `definition`.
  private struct Slots {
    var repetition = 0
    var definition = 0
  }

  func assembled(rows: Int) throws -> Column {
    let result = try assemble(column.root, Slots())
    guard result.count == rows else {
      throw ParquetFault.corrupt("its levels have \(result.count) rows, expected \(rows)")
    }
    return result
  }

  private func assemble(_ node: ParquetNode, _ slots: Slots) throws -> Column {
    let flags = try agreed(node) { presence($0, slots, node.definition) }
    let hasNull = flags.contains(false)
    let validity = hasNull ? flags : nil
    switch node {
    case .leaf(let index, _):
      let dense = Column(records[index].values)
      guard hasNull else { return dense }
      return Column(spread(dense, flags, column.leaves[index].conversion.columnType), validity: flags)
    case .structure(let nodes, _):
      let columns = try nodes.map { try assemble($0, slots) }
      guard columns.allSatisfy({ $0.count == flags.count }) else { throw Self.disagreement }
      return Column(.structure(columns, rows: flags.count), validity: validity)
    case .list(let element, _, let elementLevel, let repetition):
      let offsets = try agreed(node) { listOffsets($0, slots, elementLevel, repetition) }
      let elements = try assemble(element, Slots(repetition: repetition, definition: elementLevel))
      guard offsets.last == elements.count else { throw Self.disagreement }
      return Column(.list(ListColumn(offsets: offsets, elements: elements)), validity: validity)
    }
  }

  private static var disagreement: ParquetFault { .corrupt("the levels of its fields contradict each other") }

  /// Computes something from the levels of every leaf below a node; it must be the same for each.
  private func agreed<T: Equatable>(_ node: ParquetNode, _ compute: (LeafRecords) -> T) throws -> T {
    let leaves = node.leaves
    let first = compute(records[leaves.lowerBound])
    for leaf in leaves.dropFirst() where compute(records[leaf]) != first { throw Self.disagreement }
    return first
  }

  /// For each slot, whether it is not null.
  private func presence(_ records: LeafRecords, _ slots: Slots, _ definition: Int) -> [Bool] {
    // A required value in a required struct has no levels; it is never null.
    if records.definitions.isEmpty { return Array(repeating: true, count: records.values.count) }
    var flags: [Bool] = []
    flags.reserveCapacity(records.definitions.count)
    if records.repetitions.isEmpty {
      for level in records.definitions where level >= slots.definition { flags.append(level >= definition) }
      return flags
    }
    for (level, repetition) in zip(records.definitions, records.repetitions)
    where repetition <= slots.repetition && level >= slots.definition { flags.append(level >= definition) }
    return flags
  }

  /// The lists of the slots: where each begins in the elements of all, and the end.
  private func listOffsets(
    _ records: LeafRecords, _ slots: Slots, _ elementLevel: Int, _ elementRepetition: Int
  )
    -> [Int]
  {
    var offsets: [Int] = []
    var elements = 0
    for (level, repetition) in zip(records.definitions, records.repetitions) {
      if repetition <= slots.repetition, level >= slots.definition { offsets.append(elements) }
      if repetition <= elementRepetition, level >= elementLevel { elements += 1 }
    }
    offsets.append(elements)
    return offsets
  }

  /// Puts a zero or an empty string wherever a flag is false.
  private func spread(_ dense: Column, _ flags: [Bool], _ type: ColumnType) -> ColumnValues {
    let zero = UInt32(dense.count)
    var next: UInt32 = 0
    let rows = flags.map { isThere in
      if isThere { next += 1 }
      return isThere ? next - 1 : zero
    }
    return Column.concatenate([dense, Column(.zeros(type, count: 1))], type).values.gather(rows)
  }
}
