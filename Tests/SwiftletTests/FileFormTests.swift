import Basics
import Engine
import Foundation
import Storage
import Swiftlet
import TestSupport
import Testing

private enum Kind: String, Codable, CaseIterable { case a, b }

private struct Item: Record, Equatable {
  var name: String
  var kind: Kind
  var count: Int
  var small: Int16
  var ratio: Float
  var price: Double?
  var seen: Date
  var flag: Bool
  var note: String?
}

private let items: [Item] = (0..<1000).map { (index: Int) -> Item in
  let price: Double? = index % 3 == 0 ? nil : Double(index) / 7
  let note: String? = index % 4 == 0 ? nil : ""
  return Item(
    name: "n\(index)\u{1F600}\"\\\n", kind: index % 2 == 0 ? .a : .b, count: Int.max - index,
    small: Int16(index - 500),
    ratio: Float(index) / 3, price: price,
    seen: Date(timeIntervalSince1970: Double(index) * 86_400 - 1e6), flag: index % 5 == 0,
    note: note)
}

private struct WriteJob: Job {
  @Option("Result.") var output: DataPath
  @Option("Format.") var format = ""

  func pipeline() -> Pipeline {
    Dataset(items).save(
      to: output, as: format == "parquet" ? .parquet : format == "zst" ? .compressedJSONLines : .jsonLines)
  }
}

private struct ReadJob: Job {
  @Option("Items.") var input: DataPath
  @Option("Format.") var format = ""

  func pipeline() -> Pipeline {
    (format == "parquet" ? Dataset<Item>(parquet: input) : Dataset<Item>(jsonLines: input))
      .collect { $0 == items ? "equal" : "\($0.count) items, first \(String(describing: $0.first))" }
  }
}

private struct Part: Record {
  var count: Int
  var missing: String?
}

private struct PartJob: Job {
  @Option("Items.") var input: DataPath

  func pipeline() -> Pipeline {
    Dataset<Part>(parquet: input)
      .collect { parts in
        "\(parts.map(\.count) == items.map(\.count)) \(parts.allSatisfy { $0.missing == nil })"
      }
  }
}

private struct Nested: Record { var items: [Int] }

private struct NestedJob: Job {
  @Option("Result.") var output: DataPath
  func pipeline() -> Pipeline { Dataset([Nested(items: [1])]).save(to: output, as: .parquet) }
}

private struct LinesJob: Job {
  @Option("Text.") var input: DataPath
  func pipeline() -> Pipeline { Dataset(lines: input).collect { $0.joined(separator: "|") } }
}

@Suite struct FileFormTests {
  @Test(arguments: ["jsonl", "zst", "parquet"]) func comesBack(format: String) throws {
    let scratch = try TemporaryFolder()
    let folder = JSONValue.string(scratch.path + "/out")
    try run(WriteJob.self, ["output": folder, "format": .string(format)])
    #expect(try run(ReadJob.self, ["input": folder, "format": .string(format)]).text == "equal")
    if format == "parquet" {
      #expect(try run(PartJob.self, ["input": folder]).text == "true true")
    }
    if format == "jsonl" {
      let first = try #require(try scratch.read("out").split(separator: "\n").first)
      #expect(
        first == #"{"name":"n0😀\"\\\n","kind":"a","count":9223372036854775807,"small":-500,"ratio":0.0,"#
          + #""price":null,"seen":"1969-12-20T10:13:20.000Z","flag":true,"note":null}"#)
    }
  }

  @Test func tellsWhatATableCannotHold() throws {
    let scratch = try TemporaryFolder()
    do {
      try run(NestedJob.self, ["output": .string(scratch.path + "/out")])
      Issue.record("it did not fail")
    } catch let error as JobFailed {
      #expect(error.description.contains("a row of a table cannot hold the type of field 'items'"))
    }
  }

  @Test func tellsAValueThatAnEnumDoesNotHave() throws {
    let scratch = try TemporaryFolder()
    let file = try scratch.write(
      "x.jsonl",
      #"{"name":"","kind":"c","count":1,"small":1,"ratio":1,"seen":0,"flag":true}"#)
    do {
      try run(ReadJob.self, ["input": .string(file)])
      Issue.record("it did not fail")
    } catch let error as JobFailed {
      #expect(
        error.description
          == "\(file), byte 0: is no Item: field 'kind': Cannot initialize Kind from invalid String value c")
    }
  }

  @Test func readsLines() throws {
    let scratch = try TemporaryFolder()
    _ = try scratch.write("in/a.txt", "one\r\n\n \t\ntwo\n three")
    _ = try scratch.write("in/b.txt", "")
    _ = try scratch.write("in/c.txt", "\u{FEFF}é")
    #expect(
      try run(LinesJob.self, ["input": .string(scratch.path + "/in")]).text == "one|two| three|é")
  }

  @Test func refusesBytesThatAreNoText() throws {
    let scratch = try TemporaryFolder()
    let file = scratch.path + "/x.txt"
    try Data([0x61, 0x0a, 0xff, 0x0a]).write(to: URL(fileURLWithPath: file))
    do {
      try run(LinesJob.self, ["input": .string(file)])
      Issue.record("it did not fail")
    } catch let error as JobFailed {
      #expect(error.description == "\(file), byte 2: expected text, found bytes that are not UTF-8")
    }
  }
}
