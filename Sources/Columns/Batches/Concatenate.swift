extension Column {
  /// All rows of the columns, which have one type, in order.
  public static func concatenate(_ columns: [Column], _ type: ColumnType) -> Column {
    if columns.count == 1 { return columns[0] }
    let rows = columns.reduce(0) { $0 + $1.count }
    var validity: [Bool]?
    if columns.contains(where: { $0.validity != nil }) {
      var flags: [Bool] = []
      flags.reserveCapacity(rows)
      for column in columns { flags += column.validity ?? Array(repeating: true, count: column.count) }
      validity = flags
    }
    return Column(.concatenate(columns.map(\.values), type, rows), validity: validity)
  }
}

extension ColumnBatch {
  /// All rows of the batches, which have these fields, in order.
  public static func concatenate(_ batches: [ColumnBatch], _ fields: [ColumnField]) -> ColumnBatch {
    if batches.count == 1 { return batches[0] }
    let columns = fields.indices.map { index in
      Column.concatenate(batches.map { $0.columns[index] }, fields[index].type)
    }
    return ColumnBatch(fields: fields, columns: columns, rows: batches.reduce(0) { $0 + $1.rows })
  }
}

extension ColumnValues {
  fileprivate static func concatenate(_ parts: [ColumnValues], _ type: ColumnType, _ rows: Int)
    -> ColumnValues
  {
    func join<T>(_ array: (ColumnValues) -> [T]?) -> [T] {
      var result: [T] = []
      result.reserveCapacity(rows)
      for part in parts { if let values = array(part) { result.append(contentsOf: values) } }
      return result
    }
    switch type.storage {
    case .bool: return .bool(join { if case .bool(let values) = $0 { values } else { nil } })
    case .int32: return .int32(join { if case .int32(let values) = $0 { values } else { nil } })
    case .int64: return .int64(join { if case .int64(let values) = $0 { values } else { nil } })
    case .int128: return .int128(join { if case .int128(let values) = $0 { values } else { nil } })
    case .float: return .float(join { if case .float(let values) = $0 { values } else { nil } })
    case .double: return .double(join { if case .double(let values) = $0 { values } else { nil } })
    case .interval: return .interval(join { if case .interval(let values) = $0 { values } else { nil } })
    case .bytes:
      var result = StringColumn()
      result.offsets.reserveCapacity(rows + 1)
      for part in parts {
        guard let strings = part.strings else { continue }
        let shift = result.bytes.count
        result.bytes.append(contentsOf: strings.bytes)
        result.offsets.append(contentsOf: strings.offsets.dropFirst().lazy.map { $0 + shift })
      }
      return .bytes(result)
    case .list:
      guard case .list(let element) = type else { return .zeros(type, count: rows) }
      let lists = parts.compactMap { if case .list(let lists) = $0 { lists } else { nil } }
      var offsets = [0]
      offsets.reserveCapacity(rows + 1)
      for list in lists {
        let shift = offsets[offsets.count - 1]
        offsets.append(contentsOf: list.offsets.dropFirst().lazy.map { $0 + shift })
      }
      return .list(ListColumn(offsets: offsets, elements: .concatenate(lists.map(\.elements), element)))
    case .structure:
      guard case .structure(let fields) = type else { return .zeros(type, count: rows) }
      let columns = fields.indices.map { index in
        Column.concatenate(
          parts.compactMap { if case .structure(let columns, _) = $0 { columns[index] } else { nil } },
          fields[index].type)
      }
      return .structure(columns, rows: rows)
    }
  }
}
