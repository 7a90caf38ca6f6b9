import Basics
import Engine
import Foundation
import Storage
import Swiftlet
import TestSupport
import Testing

private struct Packet: Record, Equatable {
  var user_id: String
  var b: Data
}

private struct PacketJob: Job {
  @Option("Packets.") var input: DataPath
  @Option("Result.") var output: DataPath?
  @Option("Format.") var format = ""

  func pipeline() -> Pipeline {
    let packets = Dataset<Packet>(parquet: input)
    guard let output else {
      return packets.collect {
        $0.map { "\($0.user_id)=\(String(decoding: $0.b, as: UTF8.self))" }.joined(separator: " ")
      }
    }
    return packets.save(to: output, as: format == "parquet" ? .parquet : .jsonLines)
  }
}

private struct Device: Record {
  var user_id: String
  var device: String?
}

private struct DeviceJob: Job {
  @Option("Devices.") var input: DataPath
  func pipeline() -> Pipeline { Dataset<Device>(parquet: input).collect { "\($0.map(\.device))" } }
}

private struct Seen: Record {
  var user_id: String
  var ts: Date
}

private struct SeenJob: Job {
  @Option("Rows.") var input: DataPath
  @Option("Result.") var output: DataPath
  @Option("Format.") var format = ""

  func pipeline() -> Pipeline {
    Dataset<Seen>(jsonLines: input).save(to: output, as: format == "parquet" ? .parquet : .jsonLines)
  }
}

private struct Big: Record {
  var n: UInt64
}

private struct BigJob: Job {
  @Option("Rows.") var input: DataPath
  @Option("Result.") var output: DataPath
  func pipeline() -> Pipeline { Dataset<Big>(jsonLines: input).save(to: output, as: .parquet) }
}

private struct Cafe: Record {
  var composed: Int
  var decomposed: Int?

  enum CodingKeys: String, CodingKey {
    case composed = "caf\u{e9}"
    case decomposed = "other"
  }
}

private struct CafeJob: Job {
  @Option("Rows.") var input: DataPath
  func pipeline() -> Pipeline { Dataset<Cafe>(jsonLines: input).collect { "\($0.map(\.composed))" } }
}

private struct CountJob: Job {
  @Option("Rows.") var input: DataPath
  func pipeline() -> Pipeline { Dataset(lines: input).collect { "\($0.count)" } }
}

/// Files of other programs that once gave a wrong answer or an error without a location.
@Suite struct ForeignFileTests {
  private func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Fixtures/\(name)").standardizedFileURL.path
  }

  @Test func binaryColumnsAreBytes() throws {
    let scratch = try TemporaryFolder()
    let input = JSONValue.string(fixture("parquet/binary.parquet"))
    #expect(try run(PacketJob.self, ["input": input]).text == "a=abcd b=12345678")
    for format in ["parquet", "jsonl"] {
      let output = JSONValue.string(scratch.path + "/" + format)
      try run(PacketJob.self, ["input": input, "output": output, "format": .string(format)])
    }
    #expect(try scratch.read("jsonl").contains(#"{"user_id":"a","b":"YWJjZA=="}"#))
    let again = JSONValue.string(scratch.path + "/parquet")
    #expect(try run(PacketJob.self, ["input": again]).text == "a=abcd b=12345678")
  }

  @Test func aNestedColumnIsNoNil() throws {
    let file = fixture("parquet/struct.parquet")
    let error = message { try run(DeviceJob.self, ["input": .string(file)]) }
    #expect(error?.contains(file) == true)
    #expect(
      error?.contains("field 'device': expected text, found an object") == true, "\(error ?? "")")
  }

  @Test func aTimeThatJSONCannotExpressIsRefused() throws {
    let scratch = try TemporaryFolder()
    let rows = #"{"user_id":"a","ts":253402300799999}"# + "\n" + #"{"user_id":"b","ts":253402300800000}"#
    let input = JSONValue.string(try scratch.write("in.jsonl", rows))
    let error = message {
      try run(SeenJob.self, ["input": input, "output": .string(scratch.path + "/json")])
    }
    #expect(
      error?.contains("/json/part-00000.jsonl, record 1 (counted from 0): field 'ts': a time outside")
        == true, "\(error ?? "")")
    try run(SeenJob.self, ["input": input, "output": .string(scratch.path + "/table"), "format": "parquet"])
  }

  @Test func anIntegerOverTheColumnNamesItsRecord() throws {
    let scratch = try TemporaryFolder()
    let rows = (0..<5).map { "{\"n\":\($0)}" } + ["{\"n\":18446744073709551615}", "{\"n\":1}"]
    let input = JSONValue.string(try scratch.write("in.jsonl", rows.joined(separator: "\n")))
    let error = message { try run(BigJob.self, ["input": input, "output": .string(scratch.path + "/out")]) }
    #expect(
      error?.contains("/out/part-00000.parquet, record 5 (counted from 0): field 'n': cannot be written")
        == true,
      "\(error ?? "")")
    #expect(error?.contains("18446744073709551615") == true)
  }

  /// The decomposed name is another field.
  @Test func namesOfFieldsAreBytes() throws {
    let scratch = try TemporaryFolder()
    let file = try scratch.write(
      "in.jsonl", "{\"cafe\u{301}\":2,\"caf\u{e9}\":1}\n{\"caf\u{e9}\":1,\"cafe\u{301}\":2}\n")
    #expect(try run(CafeJob.self, ["input": .string(file)]).text == "[1, 1]")
  }

  @Test func compressedFilesOfAnyName() throws {
    let scratch = try TemporaryFolder()
    for name in ["lines.bz2", "streams.xz"] {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: fixture("compressed/\(name)")))
      _ = try scratch.write("in/x", "")
      try bytes.write(to: URL(fileURLWithPath: scratch.path + "/in/\(name).txt"))
    }
    #expect(try run(CountJob.self, ["input": .string(scratch.path + "/in")]).text == "600")
    _ = try scratch.write("in/z.jsonl", "PAR1 and more")
    let error = message { try run(CountJob.self, ["input": .string(scratch.path + "/in")]) }
    #expect(error?.contains("/in/z.jsonl: looks like Parquet; expected lines of text") == true)
  }

  @Test func parquetFilesOfAnyName() throws {
    let scratch = try TemporaryFolder()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: fixture("parquet/binary.parquet")))
    _ = try scratch.write("in/_hidden", "no Parquet")
    for name in ["a.parquet", "b.parq", "c.PARQUET", "000000_0", "part-0.parquet.gz"] {
      try bytes.write(to: URL(fileURLWithPath: scratch.path + "/in/\(name)"))
    }
    let all = try run(PacketJob.self, ["input": .string(scratch.path + "/in")]).text
    #expect(all.split(separator: " ").count == 10)
    _ = try scratch.write("in/notes.txt", "a,b\n1,2\n3,4\n")
    let error = message { try run(PacketJob.self, ["input": .string(scratch.path + "/in")]) }
    #expect(error?.contains("/in/notes.txt: looks like text; expected Parquet") == true)
  }
}
