import Columns

/// The entries of a leaf in some records: levels as stored, and the values that are present.
struct LeafRecords {
  var definitions: [UInt8] = []
  /// Empty if there is no list around the leaf.
  var repetitions: [UInt8] = []
  /// The values that are not null, without gaps.
  var values: ColumnValues
}

extension LeafReader {
  /// Reads the next `count` records: the entries of a top-level value each. A record may go over several pages.
  func records(_ count: Int) throws -> LeafRecords {
    var result = LeafRecords(values: .zeros(leaf.conversion.columnType, count: 0))
    var pieces: [Column] = []
    var started = 0
    while hasMore {
      try needPage()
      let first = pageEntries - left
      var end = first
      if leaf.maxRepetition == 0 {
        end = first + min(left, count - started)
        started += end - first
      } else {
        while end < pageEntries, pageRepetitions[end] > 0 || started < count {
          if pageRepetitions[end] == 0 { started += 1 }
          end += 1
        }
        if first < end, started == 0 { throw ParquetFault.corrupt("its lists begin in the middle") }
      }
      if first == end { break }
      guard end - first <= limit - result.definitions.count else {
        throw ParquetFault.unsupported("its levels take over \(limit) bytes in memory")
      }
      let definitions = pageDefinitions.isEmpty ? [] : pageDefinitions[first..<end]
      var present = 0
      for level in definitions where level == leaf.maxDefinition { present += 1 }
      if leaf.maxDefinition == 0 { present = end - first }
      result.definitions += definitions
      if leaf.maxRepetition > 0 { result.repetitions += pageRepetitions[first..<end] }
      pieces.append(Column(try dense(present)))
      take(end - first)
      if leaf.maxRepetition == 0, started == count { break }
    }
    guard started == count else {
      throw ParquetFault.corrupt("its pages have \(started) rows, expected \(count)")
    }
    if !pieces.isEmpty { result.values = Column.concatenate(pieces, leaf.conversion.columnType).values }
    try check(result)
    return result
  }

  /// An element after the first of a list needs that list, and an element before it.
  private func check(_ records: LeafRecords) throws {
    for index in records.repetitions.indices {
      let repetition = Int(records.repetitions[index])
      if repetition == 0 { continue }
      let level = leaf.elementLevels[repetition - 1]
      guard index > 0, records.definitions[index] >= level, records.definitions[index - 1] >= level else {
        throw ParquetFault.corrupt("its repetition levels contradict its definition levels")
      }
    }
  }
}
