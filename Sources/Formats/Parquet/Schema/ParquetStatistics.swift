import Columns

/// `Statistics` from parquet.thrift, as far as they can be trusted: `min` and `max` from old writers have no defined order and
/// are not read.
struct ParquetStatistics {
  private(set) var nulls: Int64?
  private(set) var low: [UInt8]?
  private(set) var high: [UInt8]?

  init(_ reader: inout ThriftReader, _ field: ThriftField) throws {
    try reader.structure(field) { reader, field in
      switch field.id {
      case 3: nulls = try reader.int64(field)
      case 5: high = try reader.binary(field)
      case 6: low = try reader.binary(field)
      default: try reader.skip(field)
      }
    }
  }

  /// Returns the range in terms of the column's in-memory values. Invalid bounds count as unknown.
  func range(_ leaf: ParquetLeaf, rows: Int) -> ColumnRange {
    let nulls = nulls.flatMap { (0...Int64(rows)).contains($0) ? Int($0) : nil }
    return ColumnRange(bounds: bounds(leaf), nulls: nulls)
  }

  private func bounds(_ leaf: ParquetLeaf) -> ColumnRange.Bounds? {
    guard let low, let high else { return nil }
    switch leaf.conversion {
    case .bool:
      guard low.count == 1, high.count == 1 else { return nil }
      return integers(Int64(low[0]), Int64(high[0]))
    case .int16, .int32, .date: return fixed(Int32.self) { Int64($0) }
    case .uint32: return fixed(UInt32.self) { Int64($0) }
    case .int64, .timestamp(.micros, _): return fixed(Int64.self) { $0 }
    case .uint64: return fixed(UInt64.self) { Int64(exactly: $0) }
    case .timestamp(.nanos, _): return fixed(Int64.self) { floorDivide($0, by: 1000) }
    case .timestamp(.millis, _):
      return fixed(Int64.self) { value in
        let (micros, overflow) = value.multipliedReportingOverflow(by: 1000)
        return overflow ? nil : micros
      }
    case .decimal(let precision, _):
      switch leaf.physical {
      case .int32: return fixed(Int32.self) { Int64($0) }
      case .int64: return fixed(Int64.self) { $0 }
      default:
        guard let low = bigEndian(low, precision), let high = bigEndian(high, precision) else { return nil }
        return integers(low, high)
      }
    case .float: return numbers(UInt32.self) { Double(Float(bitPattern: $0)) }
    case .double: return numbers(UInt64.self) { Double(bitPattern: $0) }
    case .string, .json, .binary: return .bytes(low: low, high: high)
    // These are ordered differently from the in-memory values, or their order is undefined.
    case .int96, .wideDecimal, .float16, .uuid, .interval: return nil
    }
  }

  private func bigEndian(_ bytes: [UInt8], _ precision: Int) -> Int64? {
    bytes.withUnsafeBytes { bytes in
      guard bytes.count > 0, let base = bytes.baseAddress else { return nil }
      let value = try? FixedValues.bigEndian(base, bytes.count, precision)
      return value.flatMap { Int64(exactly: $0) }
    }
  }

  private func load<T: FixedWidthInteger>(_ bytes: [UInt8], _ type: T.Type) -> T? {
    guard bytes.count == MemoryLayout<T>.size else { return nil }
    return bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(as: T.self)) }
  }

  private func fixed<T: FixedWidthInteger>(_ type: T.Type, _ value: (T) -> Int64?) -> ColumnRange.Bounds? {
    guard let low = low.flatMap({ load($0, type) }).flatMap(value),
      let high = high.flatMap({ load($0, type) }).flatMap(value)
    else { return nil }
    return integers(low, high)
  }

  private func integers(_ low: Int64, _ high: Int64) -> ColumnRange.Bounds? {
    low <= high ? .integers(low...high) : nil
  }

  private func numbers<T: FixedWidthInteger>(_ type: T.Type, _ value: (T) -> Double) -> ColumnRange.Bounds? {
    guard let low = low.flatMap({ load($0, type) }).map(value),
      let high = high.flatMap({ load($0, type) }).map(value), low <= high
    else { return nil }
    return .numbers(low...high)
  }
}

extension ParquetFile {
  /// Returns what the footer says about the values of a column in a row group, in the units of the column's type (decimals
  /// without their scale); nil if it says nothing.
  package func range(rowGroup: Int, column: String) throws -> ColumnRange? {
    guard let leaf = try self.column(column).flat else { return nil }
    return metadata.rowGroups[rowGroup].columns[leaf.index].statistics?.range(
      leaf, rows: rowGroups[rowGroup].rows)
  }
}
