// Copies of chosen rows: a selection vector (row numbers that passed a filter, or the order of a sort) applied to columns.

extension Column {
  /// The rows with these numbers, in that order. Numbers may repeat; each must be below `count`.
  public func gather(_ rows: [UInt32]) -> Column {
    let flags = validity.map { flags in rows.map { flags[Int($0)] } }
    return Column(values.gather(rows), validity: flags?.allSatisfy { $0 } == true ? nil : flags)
  }

  public func slice(_ rows: Range<Int>) -> Column {
    let flags = validity.map { Array($0[rows]) }
    return Column(values.slice(rows), validity: flags?.allSatisfy { $0 } == true ? nil : flags)
  }
}

extension ColumnValues {
  public func gather(_ rows: [UInt32]) -> ColumnValues {
    switch self {
    case .bool(let values): .bool(gathered(values, rows))
    case .int32(let values): .int32(gathered(values, rows))
    case .int64(let values): .int64(gathered(values, rows))
    case .int128(let values): .int128(gathered(values, rows))
    case .float(let values): .float(gathered(values, rows))
    case .double(let values): .double(gathered(values, rows))
    case .interval(let values): .interval(gathered(values, rows))
    case .bytes(let values): .bytes(values.gather(rows))
    case .dictionary(let column):
      .dictionary(DictionaryColumn(indices: gathered(column.indices, rows), entries: column.entries))
    case .list(let lists): .list(lists.gather(rows))
    case .structure(let columns, _): .structure(columns.map { $0.gather(rows) }, rows: rows.count)
    }
  }

  public func slice(_ rows: Range<Int>) -> ColumnValues {
    switch self {
    case .bool(let values): .bool(Array(values[rows]))
    case .int32(let values): .int32(Array(values[rows]))
    case .int64(let values): .int64(Array(values[rows]))
    case .int128(let values): .int128(Array(values[rows]))
    case .float(let values): .float(Array(values[rows]))
    case .double(let values): .double(Array(values[rows]))
    case .interval(let values): .interval(Array(values[rows]))
    case .bytes(let values): .bytes(values.slice(rows))
    case .dictionary(let column):
      .dictionary(DictionaryColumn(indices: Array(column.indices[rows]), entries: column.entries))
    case .list(let lists):
      .list(
        ListColumn(
          offsets: lists.offsets[rows.lowerBound...rows.upperBound].map {
            $0 - lists.offsets[rows.lowerBound]
          },
          elements: lists.elements.slice(lists.offsets[rows.lowerBound]..<lists.offsets[rows.upperBound])))
    case .structure(let columns, _): .structure(columns.map { $0.slice(rows) }, rows: rows.count)
    }
  }
}

private func gathered<T: BitwiseCopyable>(_ values: [T], _ rows: [UInt32]) -> [T] {
  [T](unsafeUninitializedCapacity: rows.count) { target, count in
    values.withUnsafeBufferPointer { values in
      for (position, row) in rows.enumerated() { target[position] = values[Int(row)] }
    }
    count = rows.count
  }
}

extension StringColumn {
  public init(emptyStrings count: Int) {
    self.init()
    offsets = Array(repeating: 0, count: count + 1)
  }

  public func gather(_ rows: [UInt32]) -> StringColumn {
    var result = StringColumn()
    result.offsets = [Int](unsafeUninitializedCapacity: rows.count + 1) { target, count in
      var end = 0
      target[0] = 0
      offsets.withUnsafeBufferPointer { offsets in
        for (position, row) in rows.enumerated() {
          end &+= offsets[Int(row) &+ 1] &- offsets[Int(row)]
          target[position &+ 1] = end
        }
      }
      count = rows.count + 1
    }
    let size = result.offsets[rows.count]
    result.bytes = [UInt8](unsafeUninitializedCapacity: size) { target, count in
      bytes.withUnsafeBytes { bytes in
        offsets.withUnsafeBufferPointer { offsets in
          guard let source = bytes.baseAddress, let base = target.baseAddress else { return }
          var position = 0
          for row in rows {
            let start = offsets[Int(row)]
            let length = offsets[Int(row) &+ 1] &- start
            ShortCopy.copy(source + start, to: UnsafeMutableRawPointer(base + position), count: length)
            position &+= length
          }
        }
      }
      count = size
    }
    return result
  }

  public func slice(_ rows: Range<Int>) -> StringColumn {
    var result = StringColumn()
    let start = offsets[rows.lowerBound]
    result.offsets = offsets[rows.lowerBound...rows.upperBound].map { $0 - start }
    result.bytes = Array(bytes[start..<offsets[rows.upperBound]])
    return result
  }
}

extension ListColumn {
  public func gather(_ rows: [UInt32]) -> ListColumn {
    var ends = [0]
    ends.reserveCapacity(rows.count + 1)
    var elements: [UInt32] = []
    for row in rows {
      for element in offsets[Int(row)]..<offsets[Int(row) + 1] { elements.append(UInt32(element)) }
      ends.append(elements.count)
    }
    return ListColumn(offsets: ends, elements: self.elements.gather(elements))
  }
}
