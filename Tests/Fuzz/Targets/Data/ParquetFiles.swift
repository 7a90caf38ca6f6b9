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
      (.timestampTZ, .int64((0..<rows).map { validity[$0] ? Int64($0) * 86_400_000 : 0 })),
      (.int16, .int32((0..<rows).map { validity[$0] ? Int32($0) - 4 : 0 })),
      (.decimal(precision: 9, scale: 2), .int64((0..<rows).map { validity[$0] ? Int64($0) << 8 : 0 })),
      (.decimal(precision: 38, scale: 9), .int128((0..<rows).map { validity[$0] ? Int128($0) << 80 : 0 })),
    ]
    return ColumnBatch(
      fields: columns.flatMap {
        [ColumnField($0.0.name, $0.0), ColumnField("\($0.0.name)?", $0.0, nullable: true)]
      } + [nested.field],
      columns: columns.flatMap { [Column($0.1), Column($0.1, validity: validity)] } + [nested.column],
      rows: rows)
  }

  /// Eight lists of structs of numbers and lists, with nulls and empty lists at each level.
  private static var nested: (field: ColumnField, column: Column) {
    let item: ColumnType = .structure([
      ColumnField("n", .int32, nullable: true), ColumnField("t", .list(.string), nullable: true),
    ])
    var builder = ColumnBuilder(ColumnField("nested", .list(item), nullable: true))
    for row in 0..<8 {
      let items: [ScalarValue] = (0..<row % 4).map { index in
        let number: ScalarValue = index == 1 ? .null : .int(Int64(row))
        let tags: ScalarValue = index == 2 ? .null : .list(row % 3 == 0 ? [] : [.string("é"), .null])
        return (row + index) % 5 == 4 ? .null : .structure([number, tags])
      }
      _ = builder.append(row == 5 ? .null : ScalarValue.list(items))
    }
    return (builder.field, builder.take())
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
      if let read {
        try check(read, field)
        try checkBatches(file, group, field, read)
      }
    }
  }
}

/// Reads the row group again, in small batches and with dictionaries: the rows must be the same.
private func checkBatches(_ file: ParquetFile, _ group: Int, _ field: ColumnField, _ whole: ColumnBatch)
  throws
{
  guard (1...1 << 16).contains(whole.rows) else { return }
  let reader = try file.reader(
    rowGroup: group, columns: [ParquetRequest(field.name, keepsDictionary: true)])
  var parts: [Column] = []
  while let part = try reader.next(max(3, whole.rows / 7)) { parts.append(plain(part.columns[0])) }
  let joined = Column.concatenate(parts, field.type)
  try require(bits(joined) == bits(whole.columns[0]), "rows read in batches differ")
}

/// Without its dictionary. An index takes the place of a null, where a column has an empty string.
private func plain(_ column: Column) -> Column {
  guard case .dictionary(let values) = column.values else { return column }
  var builder = ColumnBuilder(ColumnField("", .binary, nullable: true))
  let strings = values.decoded()
  for row in 0..<strings.count {
    if column.isNull(row) {
      builder.appendNull()
    } else {
      strings.bytes[strings.offsets[row]..<strings.offsets[row + 1]].withUnsafeBytes { builder.append($0) }
    }
  }
  return builder.take()
}

private func check(_ batch: ColumnBatch, _ field: ColumnField) throws {
  let column = batch.columns[0]
  try require(batch.fields == [field], "another field")
  try checkShape(column, field.type, batch.rows)
  // Which the writer refuses.
  guard !hasInterval(field.type) else { return }
  guard batch.rows > 0 else { return }
  let sink = MemorySink()
  let writer = try ParquetWriter(sink: sink, fields: batch.fields, options: ParquetOptions(codec: .none))
  try writer.write(batch)
  _ = try writer.finish()
  let again = try ParquetFile(MemoryReader(sink.bytes)).read(rowGroup: 0, columns: [field.name]).columns[0]
  try require(bits(again) == bits(column), "a column is another one after it was written")
}

private func hasInterval(_ type: ColumnType) -> Bool {
  switch type {
  case .interval: true
  case .list(let element): hasInterval(element)
  case .structure(let fields): fields.contains { hasInterval($0.type) }
  default: false
  }
}

private func checkShape(_ column: Column, _ type: ColumnType, _ rows: Int) throws {
  try require(column.values.storage == type.storage, "a column of another type")
  try require(
    column.values.count == rows && (column.validity?.count ?? rows) == rows,
    "\(column.values.count) values and \(column.validity?.count ?? -1) flags in \(rows) rows")
  func areOrdered(_ offsets: [Int], _ end: Int) -> Bool {
    offsets.first == 0 && offsets.last == end && zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }
  }
  switch (column.values, type) {
  case (.bytes(let strings), _):
    try require(areOrdered(strings.offsets, strings.bytes.count), "strings out of order")
  case (.list(let lists), .list(let element)):
    try require(areOrdered(lists.offsets, lists.elements.count), "lists out of order")
    for (row, isThere) in (column.validity ?? []).enumerated() where !isThere {
      try require(lists.offsets[row] == lists.offsets[row + 1], "a null list has elements")
    }
    try checkShape(lists.elements, element, lists.elements.count)
  case (.structure(let columns, _), .structure(let fields)):
    for (column, field) in zip(columns, fields) { try checkShape(column, field.type, rows) }
  default: break
  }
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
    case .int128(let values): [raw(values)]
    case .interval(let values): values.map { raw([$0.months, $0.days]) + raw([$0.microseconds]) }
    case .dictionary(let values): [raw(values.indices)] + bits(Column(.bytes(values.entries)))
    case .list(let lists): [raw(lists.offsets)] + bits(lists.elements)
    case .structure(let columns, _): columns.flatMap { bits($0) }
    }
  return values + [raw(column.validity ?? [])]
}
