import Basics
import Columns
import Formats
import Storage
import TestSupport
import Testing
import Wire

@Suite struct FileTableTests {
  private func folder(_ files: [String: String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, text) in files { try folder.write(name, Array(text.utf8)) }
    return folder
  }

  @Test func filesOfAFolderInTheOrderOfTheirNames() throws {
    let folder = try folder([
      "b.jsonl": #"{"a":3,"b":null}"#, "a.jsonl": "{\"a\":1}\n{\"a\":2,\"c\":true}\n", "_x.jsonl": "broken",
      ".y/z.jsonl": "broken", "deep/er.jsonl": #"{"a":2.5}"#, "empty": "",
    ])
    let read = try FileTableFixture.read(try .open([folder.path]))
    #expect(FileTableFixture.types(read.table) == ["a double", "c bool", "b json"])
    #expect(read.rows == [["1", nil, nil], ["2", "true", nil], ["3", nil, nil], ["2.5", nil, nil]])
    #expect(read.rejected.count == 0 && read.rejected.read == 4)
  }

  @Test(arguments: [
    ("*.jsonl", ["a", "b"]), ("?.jsonl", ["a", "b"]), ("[a-b].jsonl", ["a", "b"]), ("[!a].jsonl", ["b"]),
    ("**/*.jsonl", ["a", "b", "d", "e"]), ("*/d.jsonl", ["d"]), ("x*", ["d", "e"]), ("x/**", ["d", "e"]),
    ("**/y/*", ["e"]), ("_h/*", ["h"]), ("{a}.jsonl", []), ("*.JSONL", []),
  ]) func patterns(pattern: String, expected: [String]) throws {
    let names = ["a.jsonl", "b.jsonl", "x/d.jsonl", "x/y/e.jsonl", "_h/h.jsonl", "x/.i.jsonl"]
    let folder = try folder(
      Dictionary(
        uniqueKeysWithValues: names.map { ($0, "{\"n\":\"\($0.split(separator: "/").last?.first ?? "?")\"}") }
      ))
    let path = "\(folder.path)/\(pattern)"
    if expected.isEmpty {
      let error = failure { try FileTable.open([path]) }
      #expect(error?.kind == "notFound" && error?.description.contains(pattern) == true)
    } else {
      let read = try FileTableFixture.read(try .open([path]))
      #expect(read.rows.map { $0[0] } == expected.map { "\"\($0)\"" })
    }
  }

  @Test func foldersBecomeColumns() throws {
    let folder = try folder([
      "dt=2025-04-01/n=1/a.csv": "x\n5\n", "dt=2025-04-02/n=22/b.csv": "x\n6\n",
      "dt=__HIVE_DEFAULT_PARTITION__/n=3/c.csv": "x\n7\n",
      "dt=2025-04-03/n=4/city=S%C3%A3o%20Paulo/d.csv": "x,n\n8,99\n",
    ])
    let read = try FileTableFixture.read(try .open([folder.path + "/"]))
    #expect(FileTableFixture.types(read.table) == ["x int64", "dt date", "n int64", "city string"])
    #expect(
      read.rows == [
        ["5", "\"2025-04-01\"", "1", nil], ["6", "\"2025-04-02\"", "22", nil],
        ["8", "\"2025-04-03\"", "4", "\"São Paulo\""], ["7", nil, "3", nil],
      ])
  }

  @Test func pseudoColumns() throws {
    let folder = try folder([
      "a.csv": "\u{feff}x,y\n1,\"a\nb\"\n\n2,c\nbad\n3,d\n", "b.jsonl": "\n{\"x\":4}\n\n{\"x\":5}\n",
    ])
    let read = try FileTableFixture.read(try .open([folder.path]), ["x", "_line", "_row", "_file"])
    #expect(
      read.rows.map { $0.prefix(3).map { $0 ?? "" } } == [
        ["1", "2", "0"], ["2", "5", "1"], ["3", "7", "3"], ["4", "2", "0"], ["5", "4", "1"],
      ])
    #expect(read.rows.map { $0[3] }[2...3] == ["\"\(folder.path)/a.csv\"", "\"\(folder.path)/b.jsonl\""])
    #expect(read.rejected.count == 1 && read.rejected.read == 6)
    #expect(
      read.rejected.kept.map(\.summary) == [
        "\(folder.path)/a.csv, line 6, offset 20: expected 2 fields, found 1\n    bad"
      ])
  }

  @Test func mixedFormatsAndTypes() throws {
    let parquet = ParquetFixtures.batch(rows: 3, spread: 4, seed: 2)
    let folder = try folder(["a.csv": "id,note\n1,x\n2,y\n", "b": "{\"id\":2.5,\"note\":7}"])
    try folder.write("c", try ParquetFixtures.write([parquet]))
    let read = try FileTableFixture.read(try .open([folder.path]), ["id", "note"])
    #expect(read.rows.prefix(3) == [["1", "\"x\""], ["2", "\"y\""], ["2.5", "\"7\""]])
    #expect(read.rows.count == 6)
  }

  @Test func givenColumns() throws {
    let folder = try folder(["a.csv": "A,b,c\n1,2,3\nx,5,6\n"])
    var options = FileTableOptions(columns: [ColumnField("a", .double), ColumnField("z", .date)])
    var read = try FileTableFixture.read(try .open([folder.path], options))
    #expect(FileTableFixture.types(read.table) == ["a double", "z date"])
    #expect(read.rows == [["1", nil]] && read.rejected.count == 1)
    #expect(
      read.rejected.kept[0].reason == "column \"a\": expected double, found \"x\"")
    options.infersMore = true
    read = try FileTableFixture.read(try .open([folder.path], options))
    #expect(FileTableFixture.types(read.table) == ["a double", "z date", "b int64", "c int64"])
  }

  @Test func travelsToWorkers() throws {
    let folder = try folder(["dt=1/a.csv": "x;y\n1;2\n"])
    let options = FileTableOptions(
      columns: [ColumnField("x", .list(.int64))], infersMore: true,
      csv: CSVOptions(header: true, delimiter: 0x3b, null: "NA", skip: 0))
    let table = try FileTable.open([folder.path], FileTableOptions(csv: options.csv))
    var writer = ByteWriter()
    writer.value(table)
    writer.value(options)
    var reader = ByteReader(writer.bytes)
    let copy: FileTable = try reader.value()
    #expect(copy.fields == table.fields && copy.splits == table.splits && copy.options == table.options)
    #expect(try reader.value(FileTableOptions.self) == options)
    try reader.expectEnd()
  }

  @Test func mistakes() throws {
    let folder = try folder(["a": "PK\u{3}\u{4}"])
    #expect(
      failure { try FileTable.open([folder.path]) }?.description.contains("looks like a ZIP archive") == true)
    #expect(failure { try FileTable.open([]) }?.kind == "invalid")
    #expect(failure { try FileTable.open(["/nowhere/x"]) }?.kind == "notFound")
    #expect(failure { try FileTable.open([folder.path], .init(format: "xml")) }?.kind == "invalid")
  }
}
