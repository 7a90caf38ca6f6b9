import Columns

extension LeafReader {
  private func checkRoom(_ rows: Int, _ stride: Int) throws {
    guard rows <= limit / stride else {
      throw ParquetFault.unsupported("its values take over \(limit) bytes in memory")
    }
  }

  /// An array of the leaf's storage, which must not be bytes, that `body` fills.
  func fixed(_ count: Int, _ body: (UnsafeMutableRawPointer) throws -> Void) throws -> ColumnValues {
    func array<T: BitwiseCopyable>(_ type: T.Type) throws -> [T] {
      try checkRoom(count, MemoryLayout<T>.stride)
      return try [T](unsafeUninitializedCapacity: count) { target, initialized in
        if count > 0, let base = target.baseAddress { try body(UnsafeMutableRawPointer(base)) }
        initialized = count
      }
    }
    switch leaf.storage {
    case .bool: return .bool(try array(Bool.self))
    case .int32: return .int32(try array(Int32.self))
    case .int64: return .int64(try array(Int64.self))
    case .int128: return .int128(try array(Int128.self))
    case .float: return .float(try array(Float.self))
    case .double: return .double(try array(Double.self))
    case .interval: return .interval(try array(Interval.self))
    case .bytes, .list, .structure:
      throw ParquetFault.corrupt("type \(leaf.physical) does not go with its column")
    }
  }

  /// Strings whose bytes and ends `body` appends.
  func strings(
    _ count: Int, _ body: (Int, inout StringBytes, UnsafeMutablePointer<Int>) throws -> Void
  ) throws -> StringColumn {
    try checkRoom(count, MemoryLayout<Int>.stride)
    var bytes = StringBytes(limit: limit)
    var result = StringColumn()
    result.offsets = try [Int](unsafeUninitializedCapacity: count + 1) { target, initialized in
      guard let base = target.baseAddress else { return }
      base[0] = 0
      try body(count, &bytes, base + 1)
      initialized = count + 1
    }
    result.bytes = bytes.bytes
    if leaf.conversion.isText, !result.isUTF8(from: 0) {
      throw ParquetFault.corrupt("it has a string that is not UTF-8")
    }
    return result
  }

  /// The next values of the current page, none of them null.
  func dense(_ count: Int) throws -> ColumnValues {
    if leaf.storage == .bytes { return .bytes(try strings(count) { try read($0, into: &$1, ends: $2) }) }
    return try fixed(count) { try read(count, into: $0) }
  }

  /// The next rows of a flat column.
  func flat(_ rows: Int, keepsDictionary: Bool) throws -> Column {
    var validity: [Bool]?
    guard leaf.storage == .bytes else {
      let values = try fixed(rows) { try fill(rows, $0, &validity) }
      return column(values, validity)
    }
    var kept: Column?
    if keepsDictionary {
      let (indices, filled) = try indices(rows, &validity)
      if filled > 0, var entries = dictionary?.entries {
        if entries.count == 0 { entries.append("") }
        kept = Column(
          .dictionary(DictionaryColumn(indices: indices, entries: entries)),
          validity: validity.map { Array($0[..<filled]) })
        if filled == rows { return column(kept?.values ?? .bytes(StringColumn()), validity) }
      }
      validity = nil
    }
    let rest = rows - (kept?.count ?? 0)
    let strings = try strings(rest) { try fill($0, &$1, $2, &validity) }
    let column = column(.bytes(strings), validity)
    guard let kept else { return column }
    return Column.concatenate([kept, column], leaf.conversion.columnType)
  }

  private func column(_ values: ColumnValues, _ validity: [Bool]?) -> Column {
    Column(values, validity: validity?.contains(false) == true ? validity : nil)
  }

  /// Fills `target` with rows, zeros for nulls.
  private func fill(_ rows: Int, _ target: UnsafeMutableRawPointer, _ validity: inout [Bool]?) throws {
    var filled = 0
    while filled < rows {
      try needPage()
      let part = min(rows - filled, left)
      let present = try readFlags(part, &validity, first: filled, rows: rows)
      let start = target + filled * stride
      try read(present, into: start)
      if present < part, let flags = validity {
        spread(start, part, present, flags, filled)
      }
      take(part)
      filled += part
    }
  }

  private func fill(
    _ rows: Int, _ bytes: inout StringBytes, _ ends: UnsafeMutablePointer<Int>, _ validity: inout [Bool]?
  ) throws {
    var filled = 0
    while filled < rows {
      try needPage()
      let part = min(rows - filled, left)
      let present = try readFlags(part, &validity, first: filled, rows: rows)
      let start = bytes.count
      try read(present, into: &bytes, ends: ends + filled)
      if present < part, let flags = validity {
        // A null ends where the string before it ends.
        let ends = ends + filled
        var next = present
        for row in Swift.stride(from: part - 1, through: 0, by: -1) {
          ends[row] = next == 0 ? start : ends[next - 1]
          if flags[filled + row] { next -= 1 }
        }
      }
      take(part)
      filled += part
    }
  }

  /// The next rows as indices, up to the first page that has none.
  private func indices(_ rows: Int, _ validity: inout [Bool]?) throws -> (indices: [UInt32], filled: Int) {
    try checkRoom(rows, MemoryLayout<Int>.stride)
    var filled = 0
    let indices = try [UInt32](unsafeUninitializedCapacity: rows) { target, initialized in
      while filled < rows, let base = target.baseAddress {
        try needPage()
        guard isDictionary else { break }
        let part = min(rows - filled, left)
        let present = try readFlags(part, &validity, first: filled, rows: rows)
        try readIndices(present, into: base + filled)
        if present < part, let flags = validity {
          Self.spread(base + filled, part, present, flags, filled, 0)
        }
        take(part)
        filled += part
      }
      initialized = filled
    }
    return (indices, filled)
  }

  private func spread(
    _ start: UnsafeMutableRawPointer, _ rows: Int, _ present: Int, _ flags: [Bool], _ first: Int
  ) {
    switch stride {
    case 1: Self.spread(start.assumingMemoryBound(to: UInt8.self), rows, present, flags, first, 0)
    case 4: Self.spread(start.assumingMemoryBound(to: UInt32.self), rows, present, flags, first, 0)
    case 8: Self.spread(start.assumingMemoryBound(to: UInt64.self), rows, present, flags, first, 0)
    default: Self.spread(start.assumingMemoryBound(to: UInt128.self), rows, present, flags, first, 0)
    }
  }

  /// Moves the first `present` values to the rows that are not null, from the last one on, and puts `zero` elsewhere.
  private static func spread<T: BitwiseCopyable>(
    _ values: UnsafeMutablePointer<T>, _ rows: Int, _ present: Int, _ flags: [Bool], _ first: Int, _ zero: T
  ) {
    flags.withUnsafeBufferPointer { flags in
      var next = present &- 1
      for row in Swift.stride(from: rows - 1, through: 0, by: -1) {
        let isThere = flags[first &+ row]
        let value = values[max(next, 0)]
        values[row] = isThere ? value : zero
        next &-= isThere ? 1 : 0
      }
    }
  }
}
