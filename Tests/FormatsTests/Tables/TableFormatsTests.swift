import Columns
import Formats
import Storage
import TestSupport
import Testing

@Suite struct TableFormatsTests {
  private let text = """
    {"id":1,"name":"a","price":1,"ok":true,"tags":["x"],"mixed":1}
    {"id":2,"price":2.5,"name":null,"mixed":"two","later":-7}

    {"name":"é\\n","id":3,"tags":{"k":[1, 2]},"ok":false}

    """

  private func describe(_ bytes: [UInt8], uri: String = "/in/x") throws -> (TableDescription, MemoryStore) {
    let store = MemoryStore(bytes, uri: uri)
    return (try TableFormats.describe([store.object], in: store)[0], store)
  }

  private func batches(_ table: TableDescription, _ store: MemoryStore, _ names: [String]) throws
    -> [ColumnBatch]
  {
    let columns = names.compactMap { table.fields.field(named: $0) }.map { WantedColumn($0.name, $0.type) }
    var batches: [ColumnBatch] = []
    for split in table.splits {
      try TableFormats.read(split, in: store, columns: columns) { batches.append($0) }
    }
    return batches
  }

  /// The same whatever the file is called and however it is compressed.
  @Test(arguments: [Codec.none, .zstd, .gzip]) func jsonLines(codec: Codec) throws {
    let (table, store) = try describe(try compressed(Array(text.utf8), codec), uri: "/in/x.parquet")
    #expect(
      table.fields.map { "\($0.name) \($0.type)" } == [
        "id int64", "name string", "price double", "ok bool", "tags string", "mixed string", "later int64",
      ])
    #expect(table.splits.map(\.format) == ["jsonLines"] && table.splits[0].rows == nil)
    let read = try batches(table, store, ["mixed", "id", "tags", "name", "ok", "price", "later"])
    #expect(read.count == 1 && read[0].rows == 3)
    #expect(
      read[0].columns == [
        Column(.bytes(StringColumn(["1", "two", ""])), validity: [true, true, false]),
        Column(.int64([1, 2, 3])),
        Column(.bytes(StringColumn([#"["x"]"#, "", #"{"k":[1, 2]}"#])), validity: [true, false, true]),
        Column(.bytes(StringColumn(["a", "", "é\n"])), validity: [true, false, true]),
        Column(.bool([true, false, false]), validity: [true, false, true]),
        Column(.double([1, 2.5, 0]), validity: [true, true, false]),
        Column(.int64([0, -7, 0]), validity: [false, true, false]),
      ])
  }

  @Test func splitsGiveEachRowOnce() throws {
    let lines = (0..<200_000).map { "{\"n\":\($0),\"pad\":\"\(String(repeating: "x", count: $0 % 400))\"}\n" }
    let (table, store) = try describe(Array(lines.joined().utf8))
    #expect(table.splits.count > 1)
    let read = try batches(table, store, ["n"])
    var numbers: [Int64] = []
    for batch in read {
      guard case .int64(let values) = batch.columns[0].values else { continue }
      numbers += values
    }
    #expect(numbers == (0..<200_000).map { Int64($0) })
    #expect(read.allSatisfy { $0.rows <= 1 << 13 && $0.fields.count == 1 })
  }

  /// What does not fit the schema is an error with its location, never a silent null.
  @Test func laterValuesThatDoNotFit() throws {
    let fields = [WantedColumn("n", .int64)]
    for (line, message) in [
      (#"{"n":1.5}"#, "column 'n': expected int64, found 1.5"),
      (#"{"n":"1"}"#, "expected int64, found \"1\""),
      (#"{"n":tru}"#, "expected a value"), (#"{"n":1"#, "expected , or }"), ("[1]", "expected an object"),
    ] {
      let store = MemoryStore(Array("{\"n\":1}\n\(line)\n".utf8), uri: "/in/x.jsonl")
      let split = TableSplit(
        object: store.object, format: "jsonLines", range: 0..<store.object.size, rows: nil, bytes: 1)
      let error = failure { try TableFormats.read(split, in: store, columns: fields) { _ in } }
      #expect(error?.description.hasPrefix("/in/x.jsonl, byte ") == true)
      #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }
  }

  @Test func parquet() throws {
    let batch = ParquetFixtures.batch(rows: 250, spread: 9, seed: 1)
    let bytes = try ParquetFixtures.write([batch], options: .init(rowGroupRows: 100))
    let (table, store) = try describe(bytes, uri: "/in/000000_0")
    #expect(table.fields == batch.fields)
    #expect(table.splits.map(\.rows) == [100, 100, 50])
    let read = try batches(table, store, batch.fields.map(\.name))
    #expect(read == [0..<100, 100..<200, 200..<250].map { batch.slice($0) })
    var other = table.splits[0]
    other.rows = 99
    #expect(failure { try TableFormats.read(other, in: store, columns: []) { _ in } }?.kind == "corrupt")
    let wrong = [WantedColumn(batch.fields[0].name, .double)]
    #expect(
      failure { try TableFormats.read(table.splits[0], in: store, columns: wrong) { _ in } }?.kind
        == "invalid")
  }

  @Test(arguments: ["a,b\n1,2\n", "", "[{\"a\":1}]", "PK\u{3}\u{4}"]) func otherFilesAreRefused(text: String)
  {
    let error = failure { try describe(Array(text.utf8), uri: "/in/notes.txt") }
    #expect(error?.description.hasPrefix("/in/notes.txt: looks like ") == true)
    #expect(error?.description.contains("expected a table in one of: parquet, jsonLines") == true)
  }

  /// Every value lies within what the footer says about its row group.
  @Test func rangesOfParquet() throws {
    let batch = ParquetFixtures.batch(rows: 300, spread: 1 << 20, seed: 4)
    let store = MemoryStore(try ParquetFixtures.write([batch], options: .init(rowGroupRows: 100)))
    let ranges = try ParquetTableFormat.ranges(try store.open(store.object), columns: batch.fields)
    #expect(ranges.count == 3)
    for (group, ranges) in ranges.enumerated() {
      let part = batch.slice(group * 100..<group * 100 + 100)
      for (column, range) in zip(part.columns, ranges) {
        let isThere = column.validity ?? [Bool](repeating: true, count: 100)
        #expect(range?.nulls == isThere.count { !$0 })
        for row in 0..<100 where isThere[row] {
          switch (column.values, range?.bounds) {
          case (.bool(let values), .integers(let bounds)): #expect(bounds.contains(values[row] ? 1 : 0))
          case (.int32(let values), .integers(let bounds)): #expect(bounds.contains(Int64(values[row])))
          case (.int64(let values), .integers(let bounds)):
            #expect(bounds.contains(values[row]))
          case (.float(let values), .numbers(let bounds)): #expect(bounds.contains(Double(values[row])))
          case (.double(let values), .numbers(let bounds)): #expect(bounds.contains(values[row]))
          case (.bytes(let values), .bytes(let low, let high)):
            let value = values.bytes[values.offsets[row]..<values.offsets[row + 1]]
            #expect(!value.lexicographicallyPrecedes(low) && !high.lexicographicallyPrecedes(value))
          default: Issue.record("\(column.values.storage): \(String(describing: range))")
          }
        }
      }
    }
  }
}
