import Columns

/// `value IN (list of constants)`.
enum Membership {
  static func overload(_ type: ColumnType, _ list: ValueList) -> Overload {
    var builder = ColumnBuilder(ColumnField("", type, nullable: true))
    let areOfType = list.values.allSatisfy { builder.append($0) }
    let values = builder.take().values
    let contains: @Sendable (Arguments) throws -> Column = { arguments in
      guard areOfType else { throw QueryError("IN with values that are not of type \(type.sqlName)") }
      switch values {
      case .bool(let values): return try SortedValues(values).column(arguments)
      case .int32(let values): return try SortedValues(values).column(arguments)
      case .int64(let values): return try SortedValues(values).column(arguments)
      case .int128(let values): return try SortedValues(values).column(arguments)
      case .float(let values): return try SortedValues(values).column(arguments)
      case .double(let values): return try SortedValues(values).column(arguments)
      case .interval(let values): return try SortedValues(values).column(arguments)
      case .bytes(let strings): return try column(arguments, strings)
      case .dictionary, .list, .structure:
        return Column(
          .bool(
            try arguments.fill { row in
              let value = arguments.scalar(0, row)
              return list.values.contains { ScalarValue.compare($0, value) == 0 }
            }))
      }
    }
    return Overload([.any], result: { _ in .bool }) { arguments in
      let column = try contains(arguments)
      guard list.hasNull, case .bool(let flags) = column.values else { return column }
      return Column(.bool(flags), validity: flags)
    }
  }

  private static func column(_ arguments: Arguments, _ strings: StringColumn) throws -> Column {
    try strings.withRows { entries in
      let order = (0..<strings.count).sorted { ByteText.compare(entries[$0], entries[$1]) < 0 }
      return try arguments.mapText { text in
        var low = 0
        var high = order.count
        while low < high {
          let middle = (low + high) / 2
          let comparison = ByteText.compare(entries[order[middle]], text)
          if comparison == 0 { return true }
          if comparison < 0 { low = middle + 1 } else { high = middle }
        }
        return false
      }
    }
  }
}

private struct SortedValues<T: Ordered> {
  private let values: [T]

  init(_ values: [T]) { self.values = values.sorted { T.isLess($0, $1) } }

  func column(_ arguments: Arguments) throws -> Column {
    try values.withUnsafeBufferPointer { values in
      // A few comparisons without branches are faster than a search.
      if values.count <= 8 {
        return try arguments.map { (a: T) in
          var found = false
          for value in values { found = found || T.isEqual(value, a) }
          return found
        }
      }
      return try arguments.map { (a: T) in
        var low = 0
        var high = values.count
        while low < high {
          let middle = (low + high) / 2
          if T.isLess(values[middle], a) { low = middle + 1 } else { high = middle }
        }
        return low < values.count && T.isEqual(values[low], a)
      }
    }
  }
}
