import Columns

/// The levels of a leaf of a nested column: one of each for every entry. Repetition levels are empty if no list is around it.
struct LeafLevels {
  var definitions: [UInt32]
  var repetitions: [UInt32]
  let maxDefinition: Int
  let maxRepetition: Int
}

/// Takes lists and structs apart into the slices that are written, one for each leaf in schema order: the inverse of
/// ``NestedColumn``.
struct LeafShredder {
  private(set) var slices: [ColumnSlice] = []

  /// The values of a node. Entry i is value number `rows[i]`, or `absent` if it is within a null or an empty list.
  private struct Entries {
    var definitions: [UInt32]
    var repetitions: [UInt32]
    var rows: [UInt32]
    var maxDefinition = 0
    var maxRepetition = 0
  }

  private static let absent = UInt32.max

  /// - Throws: `ParquetFault.unsupported` for a null where the field allows none.
  init(_ column: Column, _ field: ColumnField) throws {
    let count = column.count
    let entries = Entries(
      definitions: Array(repeating: 0, count: count), repetitions: Array(repeating: 0, count: count),
      rows: (0..<count).map { UInt32($0) })
    try add(column, field, entries)
  }

  private mutating func add(_ column: Column, _ field: ColumnField, _ entries: Entries) throws {
    var entries = entries
    if field.nullable { entries.maxDefinition += 1 }
    for index in entries.rows.indices where entries.rows[index] != Self.absent {
      if column.isNull(Int(entries.rows[index])) {
        guard field.nullable else {
          throw ParquetFault.unsupported("nulls in '\(field.name)', which is not nullable")
        }
        entries.rows[index] = Self.absent
      } else if field.nullable {
        entries.definitions[index] += 1
      }
    }
    switch (column.values, field.type) {
    case (.structure(let columns, _), .structure(let fields)):
      for (column, field) in zip(columns, fields) { try add(column, field, entries) }
    case (.list(let lists), .list(let element)):
      try add(lists.elements, ColumnField("element", element, nullable: true), Self.elements(lists, entries))
    default:
      let present = entries.rows.filter { $0 != Self.absent }
      let values = column.values.gather(present)
      let levels = LeafLevels(
        definitions: entries.definitions, repetitions: entries.maxRepetition == 0 ? [] : entries.repetitions,
        maxDefinition: entries.maxDefinition, maxRepetition: entries.maxRepetition)
      slices.append(
        ColumnSlice(
          values: values, range: 0..<present.count, validity: nil, rows: entries.rows.count, levels: levels))
    }
  }

  private static func elements(_ lists: ListColumn, _ entries: Entries) -> Entries {
    var result = Entries(
      definitions: [], repetitions: [], rows: [], maxDefinition: entries.maxDefinition + 1,
      maxRepetition: entries.maxRepetition + 1)
    for index in entries.rows.indices {
      let row = entries.rows[index]
      let elements =
        row == absent ? 0..<0 : lists.offsets[Int(row)]..<lists.offsets[Int(row) + 1]
      if elements.isEmpty {
        result.definitions.append(entries.definitions[index])
        result.repetitions.append(entries.repetitions[index])
        result.rows.append(absent)
      }
      for element in elements {
        result.definitions.append(entries.definitions[index] + 1)
        result.repetitions.append(
          element == elements.lowerBound ? entries.repetitions[index] : UInt32(result.maxRepetition))
        result.rows.append(UInt32(element))
      }
    }
    return result
  }
}
