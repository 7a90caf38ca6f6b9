extension Column {
  /// Bytes of memory that the values take, approximately.
  public var byteCount: Int { values.byteCount + (validity?.count ?? 0) }
}

extension ColumnValues {
  public var byteCount: Int {
    switch self {
    case .bool(let values): values.count
    case .int32(let values): values.count * 4
    case .int64(let values): values.count * 8
    case .int128(let values): values.count * 16
    case .float(let values): values.count * 4
    case .double(let values): values.count * 8
    case .interval(let values): values.count * 16
    case .bytes(let strings): strings.byteCount
    case .dictionary(let column): column.indices.count * 4 + column.entries.byteCount
    case .list(let lists): lists.offsets.count * 8 + lists.elements.byteCount
    case .structure(let columns, _): columns.reduce(0) { $0 + $1.byteCount }
    }
  }
}

extension StringColumn {
  public var byteCount: Int { offsets.count * 8 + bytes.count }
}

extension ColumnBatch {
  public var byteCount: Int { columns.reduce(0) { $0 + $1.byteCount } }
}
