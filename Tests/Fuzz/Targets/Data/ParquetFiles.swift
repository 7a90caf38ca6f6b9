import Columns
import Formats
import Storage
import TestSupport

/// Memory limit of a column.
private let columnBytes = 1 << 20

extension FuzzTarget {
  /// Whole files: footer, page headers, pages, all codecs. What is read is written and read back.
  static let parquet = FuzzTarget("parquet", longest: 16384) {
    try ParquetCodec.allCases.map { codec in
      let sink = MemorySink()
      let batch = sampleBatch
      let writer = try ParquetWriter(
        sink: sink, fields: batch.fields, options: ParquetOptions(codec: codec, rowGroupRows: 5))
      try writer.write(batch)
      _ = try writer.finish()
      return sink.bytes
    }
  } check: { input in
    try checkParquet(input)
  }

  /// The footer alone, between the magic numbers.
  static let parquetFooter = FuzzTarget("parquet-footer") {
    try parquet.seeds().prefix(1).map { file in
      let length = file.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      return Array(file.dropLast(8).suffix(length))
    }
  } check: { footer in
    let magic = Array("PAR1".utf8)
    let length = withUnsafeBytes(of: UInt32(footer.count).littleEndian) { Array($0) }
    try checkParquet(magic + footer + length + magic)
  }

  static var sampleBatch: ColumnBatch {
    let rows = 8
    let validity = (0..<rows).map { $0 % 3 != 1 }
    let columns: [(ColumnType, ColumnValues)] = [
      (.bool, .bool((0..<rows).map { $0 % 2 == 0 && validity[$0] })),
      (.int32, .int32((0..<rows).map { validity[$0] ? Int32($0) - 4 : 0 })),
      (.int64, .int64((0..<rows).map { validity[$0] ? Int64($0) << 40 : 0 })),
      (.float, .float((0..<rows).map { validity[$0] ? Float($0) / 3 : 0 })),
      (.double, .double((0..<rows).map { validity[$0] ? Double($0) / 7 : 0 })),
      (.string, .bytes(StringColumn((0..<rows).map { validity[$0] ? "é\($0 % 2)" : "" }))),
      (.binary, .bytes(StringColumn((0..<rows).map { validity[$0] ? "b\($0)" : "" }))),
      (.timestampMillis, .int64((0..<rows).map { validity[$0] ? Int64($0) * 86_400_000 : 0 })),
    ]
    return ColumnBatch(
      fields: columns.flatMap {
        [ColumnField("\($0.0)", $0.0), ColumnField("\($0.0)?", $0.0, nullable: true)]
      },
      columns: columns.flatMap { [Column($0.1), Column($0.1, validity: validity)] }, rows: rows)
  }
}

/// Reads every column of every row group and writes it again.
func checkParquet(_ bytes: [UInt8]) throws {
  let file = try unless(StorageError.self) {
    try ParquetFile(MemoryReader(bytes, uri: "memory.parquet"), maxColumnBytes: columnBytes)
  }
  guard let file else { return }
  let names = file.fields.map(\.name)
  for group in file.rowGroups.indices.prefix(4) {
    for (index, field) in file.fields.enumerated().prefix(20) where names.firstIndex(of: field.name) == index
    {
      let read = try unless(StorageError.self) { try file.read(rowGroup: group, columns: [field.name]) }
      if let read { try check(read, field) }
    }
  }
}

private func check(_ batch: ColumnBatch, _ field: ColumnField) throws {
  let column = batch.columns[0]
  try require(
    batch.fields == [field] && column.values.storage == field.type.storage, "a column of another type")
  try require(
    column.values.count == batch.rows && (column.validity?.count ?? batch.rows) == batch.rows,
    "\(column.values.count) values and \(column.validity?.count ?? -1) flags in \(batch.rows) rows")
  if let strings = column.values.strings {
    try require(
      strings.offsets.first == 0 && strings.offsets.last == strings.bytes.count
        && zip(strings.offsets, strings.offsets.dropFirst()).allSatisfy { $0 <= $1 }, "strings out of order")
  }
  guard batch.rows > 0 else { return }
  let sink = MemorySink()
  let writer = try ParquetWriter(sink: sink, fields: batch.fields, options: ParquetOptions(codec: .none))
  try writer.write(batch)
  _ = try writer.finish()
  let again = try ParquetFile(MemoryReader(sink.bytes)).read(rowGroup: 0, columns: [field.name]).columns[0]
  try require(bits(again) == bits(column), "a column is another one after it was written")
}

/// Returns the values as bytes, because NaN is not equal to itself, and the nulls.
private func bits(_ column: Column) -> [[UInt8]] {
  func raw<T: BitwiseCopyable>(_ values: [T]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }
  let values: [[UInt8]] =
    switch column.values {
    case .bool(let values): [raw(values)]
    case .int32(let values): [raw(values)]
    case .int64(let values): [raw(values)]
    case .float(let values): [raw(values)]
    case .double(let values): [raw(values)]
    case .bytes(let values): [raw(values.offsets), values.bytes]
    default: []
    }
  return values + [raw(column.validity ?? [])]
}
