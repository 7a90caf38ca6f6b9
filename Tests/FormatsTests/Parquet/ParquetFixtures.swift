import Columns
import Formats
import Foundation
import Storage
import TestSupport

/// An object in memory.
final class ParquetBytes: ObjectReader {
  let info: ObjectInfo
  private let bytes: [UInt8]
  private(set) var reads = 0

  /// - Parameter size: What a listing says, where it is not the truth.
  init(_ bytes: [UInt8], uri: String = "memory.parquet", size: Int? = nil) {
    self.bytes = bytes
    info = ObjectInfo(uri: uri, size: Int64(size ?? bytes.count), version: "1")
  }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    reads += 1
    let start = min(max(Int(offset), 0), bytes.count)
    let count = min(buffer.count, bytes.count - start)
    bytes.withUnsafeBytes { buffer.copyMemory(from: .init(rebasing: $0[start..<start + count])) }
    return count
  }
}

final class ParquetSink: ByteSink {
  private(set) var bytes: [UInt8] = []

  func write(_ bytes: UnsafeRawBufferPointer) throws { self.bytes.append(contentsOf: bytes) }
  func close() throws {}
  func abort() { bytes = [] }
}

enum ParquetFixtures {
  static let types: [ColumnType] = [
    .bool, .int16, .int32, .int64, .float, .double, .string, .json, .binary, .date, .timestamp, .timestampTZ,
    .decimal(precision: 9, scale: 2), .decimal(precision: 18, scale: 0),
  ]

  /// A batch with two columns of every type, one of them nullable, in values that repeat (`spread` of them at most).
  static func batch(rows: Int, spread: Int, seed: UInt64) -> ColumnBatch {
    var generator = SeededRandom(state: seed)
    var fields: [ColumnField] = []
    var columns: [Column] = []
    for type in types {
      for nullable in [false, true] {
        fields.append(ColumnField("\(type)\(nullable ? "?" : "")", type, nullable: nullable))
        let validity = nullable ? (0..<rows).map { _ in Int.random(in: 0..<4, using: &generator) > 0 } : nil
        // Null rows hold zero, as the columns that are read do.
        let numbers = (0..<rows).map { row in
          validity?[row] == false ? 0 : Int.random(in: 0..<spread, using: &generator)
        }
        columns.append(
          Column(values(type, numbers), validity: validity?.allSatisfy { $0 } == true ? nil : validity))
      }
    }
    return ColumnBatch(fields: fields, columns: columns, rows: rows)
  }

  private static func values(_ type: ColumnType, _ numbers: [Int]) -> ColumnValues {
    switch type {
    case .bool: .bool(numbers.map { $0 % 2 == 1 })
    case .int16: .int32(numbers.map { Int32($0 % 65_536) - 32_768 }.map { $0 == -32_768 ? 0 : $0 })
    case .date: .int32(numbers.map { Int32($0 % 100_000) * -3 })
    case .json: .bytes(StringColumn(numbers.map { $0 == 0 ? "" : "{\"a\": \($0)}" }))
    case .decimal(precision: 9, _): .int64(numbers.map { Int64($0 % 999_999_999) })
    case .int32: .int32(numbers.map { Int32(truncatingIfNeeded: $0 &* 1_000_003) })
    case .int64: .int64(numbers.map { Int64($0) &* 1_000_000_007 })
    case .float: .float(numbers.map { Float($0) / 3 })
    case .double: .double(numbers.map { Double($0) / 7 })
    case .string: .bytes(StringColumn(numbers.map { $0 == 0 ? "" : "näme \($0)" }))
    case .binary:
      .bytes(StringColumn(bytes: numbers.map { $0 == 0 ? [] : [0xff, UInt8(truncatingIfNeeded: $0)] }))
    case .timestamp, .timestampTZ: .int64(numbers.map { Int64($0) &* -86_399_999 })
    case .decimal: .int64(numbers.map { Int64($0) * -899_999 % 1_000_000_000_000_000_000 })
    default: .zeros(type, count: numbers.count)
    }
  }

  static func write(
    _ batches: [ColumnBatch], fields: [ColumnField]? = nil, options: ParquetOptions = .init()
  ) throws -> [UInt8] {
    let sink = ParquetSink()
    let writer = try ParquetWriter(sink: sink, fields: fields ?? batches[0].fields, options: options)
    for batch in batches { try writer.write(batch) }
    let summary = try writer.finish()
    precondition(summary.bytes == sink.bytes.count)
    return sink.bytes
  }

  /// Small files of other writers (Tests/Fixtures/make_parquet_files.py).
  static func files() throws -> [(name: String, bytes: [UInt8])] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Fixtures/parquet").standardizedFileURL
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    return try names.filter { $0.hasSuffix(".parquet") }.map {
      ($0, Array(try Data(contentsOf: folder.appendingPathComponent($0))))
    }
  }
}

/// Files of one column and one page, put together by hand, so that each part can be wrong on its own.
struct CraftedFile {
  var physical: ParquetPhysicalType = .int64
  var typeLength: Int32?
  /// Whether the column is annotated as text.
  var isText = false
  var nullable = false
  var rows: Int64 = 1
  var values: Int64?
  var codec: Int32 = 0
  var pages: [Page] = []
  /// Added to the footer as a field that readers do not know.
  var extra: (inout ThriftWriter) -> Void = { _ in }

  struct Page {
    enum Kind { case data, dataV2, dictionary, unknown }
    var kind: Kind = .data
    var values: Int32
    var encoding: ParquetEncoding = .plain
    var levels: ParquetEncoding = .rle
    var body: [UInt8]
    var uncompressedSize: Int32?
    var compressedSize: Int32?
    var nulls: Int32 = 0
    var levelBytes: Int32 = 0
  }

  var bytes: [UInt8] {
    var file = Array("PAR1".utf8)
    for page in pages { file += Self.header(page) + page.body }
    var footer = ThriftWriter()
    let chunkSize = Int64(file.count - 4)
    footer.structure { footer in
      footer.int32(1, 1)
      footer.structures(2, [false, true]) { element, isColumn in
        if isColumn {
          element.int32(1, physical.rawValue)
          if let typeLength { element.int32(2, typeLength) }
          element.int32(3, nullable ? 1 : 0)
        }
        element.string(4, isColumn ? "x" : "root")
        if !isColumn { element.int32(5, 1) }
        if isColumn, isText { element.int32(6, 0) }
      }
      footer.int64(3, rows)
      footer.structures(4, [0]) { group, _ in
        group.structures(1, [0]) { chunk, _ in
          chunk.structure(3) { chunk in
            chunk.int32(1, physical.rawValue)
            chunk.int32(4, codec)
            chunk.int64(5, values ?? rows)
            chunk.int64(7, chunkSize)
            chunk.int64(9, 4)
          }
        }
        group.int64(3, rows)
      }
      extra(&footer)
    }
    file += footer.bytes
    file += withUnsafeBytes(of: UInt32(footer.bytes.count).littleEndian) { Array($0) }
    return file + Array("PAR1".utf8)
  }

  private static func header(_ page: Page) -> [UInt8] {
    var writer = ThriftWriter()
    writer.structure { header in
      header.int32(1, [.data: 0, .dictionary: 2, .dataV2: 3, .unknown: 99][page.kind] ?? 0)
      header.int32(2, page.uncompressedSize ?? Int32(page.body.count))
      header.int32(3, page.compressedSize ?? Int32(page.body.count))
      switch page.kind {
      case .data:
        header.structure(5) { data in
          data.int32(1, page.values)
          data.int32(2, page.encoding.rawValue)
          data.int32(3, page.levels.rawValue)
          data.int32(4, page.levels.rawValue)
        }
      case .dictionary:
        header.structure(7) { dictionary in
          dictionary.int32(1, page.values)
          dictionary.int32(2, page.encoding.rawValue)
        }
      case .dataV2:
        header.structure(8) { data in
          data.int32(1, page.values)
          data.int32(2, page.nulls)
          data.int32(3, page.values)
          data.int32(4, page.encoding.rawValue)
          data.int32(5, page.levelBytes)
          data.int32(6, 0)
        }
      case .unknown: break
      }
    }
    return writer.bytes
  }

  func read(maxColumnBytes: Int = 1 << 24) throws -> Column {
    try ParquetFile(ParquetBytes(bytes), maxColumnBytes: maxColumnBytes).read(rowGroup: 0, columns: ["x"])
      .columns[0]
  }
}

extension ParquetFixtures {
  /// Changed copies of each file that are read; more with SWIFTLET_MUTATIONS.
  static let mutations = ProcessInfo.processInfo.environment["SWIFTLET_MUTATIONS"].flatMap { Int($0) } ?? 400
}
