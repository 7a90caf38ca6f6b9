import Columns

/// The smallest position of each group's rows. A position is one or more numbers, compared from the first on.
struct GroupPositions {
  private var values: [[Int64]]

  init(columns: Int) { values = Array(repeating: [], count: columns) }

  var byteCount: Int { values.reduce(0) { $0 + $1.count * 8 } }

  mutating func resize(to count: Int) {
    for index in values.indices {
      if count < values[index].count {
        values[index].removeLast(values[index].count - count)
      } else {
        values[index].append(contentsOf: repeatElement(.max, count: count - values[index].count))
      }
    }
  }

  /// Numbers the groups from `start` on: they are in order.
  mutating func number(from start: Int64) {
    for group in values[0].indices { values[0][group] = start + Int64(group) }
  }

  mutating func merge(_ groups: [UInt32], _ columns: [Column]) {
    let columns = columns.compactMap { column in
      if case .int64(let positions) = column.values { positions } else { nil }
    }
    guard columns.count == values.count else { return }
    let rows = columns[0].count
    for row in 0..<rows {
      let group = groups.isEmpty ? 0 : Int(groups[row])
      for index in values.indices {
        let new = columns[index][row]
        let old = values[index][group]
        if new > old { break }
        if new < old {
          for later in index..<values.count { values[later][group] = columns[later][row] }
          break
        }
      }
    }
  }

  func columns(_ groups: [UInt32]) -> [Column] {
    values.map { values in Column(.int64(groups.map { values[Int($0)] })) }
  }
}
