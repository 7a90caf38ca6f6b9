import Columns

/// A slice of a column to be written to a chunk: `values[range]` without nulls, and the positions of the nulls.
struct ColumnSlice {
  let values: ColumnValues
  let range: Range<Int>
  /// One flag per row; nil if no row is null.
  let validity: [Bool]?
  let rows: Int

  var nulls: Int { rows - range.count }

  init(_ column: Column, _ rows: Range<Int>) {
    self.rows = rows.count
    let nulls = column.validity.map { validity in rows.reduce(into: 0) { $0 += validity[$1] ? 0 : 1 } } ?? 0
    guard nulls > 0, let all = column.validity else {
      values = column.values
      range = rows
      validity = nil
      return
    }
    let flags = Array(all[rows])
    values = column.values.present(rows, flags)
    range = 0..<(rows.count - nulls)
    validity = flags
  }
}

extension ColumnValues {
  /// Returns the values of `rows` whose flag is true. Flags are counted from the first of the rows.
  fileprivate func present(_ rows: Range<Int>, _ flags: [Bool]) -> ColumnValues {
    func filter<T>(_ values: [T]) -> [T] {
      var result: [T] = []
      result.reserveCapacity(rows.count)
      for (flag, row) in zip(flags, rows) where flag { result.append(values[row]) }
      return result
    }
    switch self {
    case .bool(let values): return .bool(filter(values))
    case .int32(let values): return .int32(filter(values))
    case .int64(let values): return .int64(filter(values))
    case .timestampMillis(let values): return .timestampMillis(filter(values))
    case .float(let values): return .float(filter(values))
    case .double(let values): return .double(filter(values))
    case .string(let strings): return .string(strings.present(rows, flags))
    case .binary(let strings): return .binary(strings.present(rows, flags))
    }
  }
}

extension StringColumn {
  fileprivate func present(_ rows: Range<Int>, _ flags: [Bool]) -> StringColumn {
    var result = StringColumn()
    result.offsets.reserveCapacity(rows.count + 1)
    bytes.withUnsafeBytes { bytes in
      for (flag, row) in zip(flags, rows) where flag {
        result.append(.init(rebasing: bytes[offsets[row]..<offsets[row + 1]]))
      }
    }
    return result
  }
}

/// Presents rows of several batches as one column, so that a row group does not depend on how the rows were split into batches.
struct RowPieces {
  private(set) var pieces: [(batch: ColumnBatch, range: Range<Int>)] = []
  private(set) var rows = 0

  mutating func append(_ batch: ColumnBatch, _ range: Range<Int>) {
    pieces.append((batch, range))
    rows += range.count
  }

  mutating func removeAll() {
    pieces.removeAll(keepingCapacity: true)
    rows = 0
  }

  func slice(_ index: Int, _ type: ColumnType) -> ColumnSlice {
    if pieces.count == 1 { return ColumnSlice(pieces[0].batch.columns[index], pieces[0].range) }
    return ColumnSlice(Column(values(index, type), validity: validity(index)), 0..<rows)
  }

  private func validity(_ index: Int) -> [Bool]? {
    guard pieces.contains(where: { $0.batch.columns[index].validity != nil }) else { return nil }
    var result: [Bool] = []
    result.reserveCapacity(rows)
    for (batch, range) in pieces {
      if let validity = batch.columns[index].validity {
        result.append(contentsOf: validity[range])
      } else {
        result.append(contentsOf: repeatElement(true, count: range.count))
      }
    }
    return result
  }

  /// All pieces have the type `type`: the writer has checked them.
  private func values(_ index: Int, _ type: ColumnType) -> ColumnValues {
    func join<T>(_ array: (ColumnValues) -> [T]?) -> [T] {
      var result: [T] = []
      result.reserveCapacity(rows)
      for (batch, range) in pieces {
        if let values = array(batch.columns[index].values) { result.append(contentsOf: values[range]) }
      }
      return result
    }
    switch type {
    case .bool: return .bool(join { if case .bool(let values) = $0 { values } else { nil } })
    case .int32: return .int32(join { if case .int32(let values) = $0 { values } else { nil } })
    case .int64: return .int64(join { if case .int64(let values) = $0 { values } else { nil } })
    case .float: return .float(join { if case .float(let values) = $0 { values } else { nil } })
    case .double: return .double(join { if case .double(let values) = $0 { values } else { nil } })
    case .timestampMillis:
      return .timestampMillis(join { if case .timestampMillis(let values) = $0 { values } else { nil } })
    case .string: return .string(strings(index))
    case .binary: return .binary(strings(index))
    }
  }

  private func strings(_ index: Int) -> StringColumn {
    var result = StringColumn()
    result.offsets.reserveCapacity(rows + 1)
    for (batch, range) in pieces {
      guard let strings = batch.columns[index].values.strings else { continue }
      let start = strings.offsets[range.lowerBound]
      let shift = result.bytes.count - start
      result.bytes.append(contentsOf: strings.bytes[start..<strings.offsets[range.upperBound]])
      result.offsets.append(
        contentsOf: strings.offsets[(range.lowerBound + 1)..<(range.upperBound + 1)].lazy.map { $0 + shift })
    }
    return result
  }
}
