// Prints a table of files as JSON Lines, for comparison with other readers:
// table-check [--schema | --rejected | --count] [--select NAME,…] [--format F] [--header true|false] [--delimiter B] … PATH…
import Basics
import Columns
import Foundation
import Formats
import Storage
import Wire

var paths: [String] = []
var options = FileTableOptions()
var shows = "rows"
var splitBytes: Int64 = 32 << 20
var names: [String]?
var arguments = CommandLine.arguments.dropFirst()
func byte(_ text: String?) -> UInt8? { text?.utf8.first }
while let argument = arguments.popFirst() {
  switch argument {
  case "--schema": shows = "schema"
  case "--rejected": shows = "rejected"
  case "--count": shows = "count"
  case "--select": names = arguments.popFirst()?.split(separator: ",").map(String.init)
  case "--format": options.format = arguments.popFirst()
  case "--header": options.csv.header = arguments.popFirst() == "true"
  case "--delimiter": options.csv.delimiter = byte(arguments.popFirst())
  case "--quote": options.csv.quote = byte(arguments.popFirst())
  case "--escape": options.csv.escape = byte(arguments.popFirst())
  case "--comment": options.csv.comment = byte(arguments.popFirst())
  case "--null": options.csv.null = arguments.popFirst()
  case "--skip": options.csv.skip = arguments.popFirst().flatMap { Int($0) } ?? 0
  case "--text":
    options.columns = arguments.popFirst()?.split(separator: ",").map {
      ColumnField(String($0), .string, nullable: true)
    }
  case "--split": splitBytes = arguments.popFirst().flatMap { Int64($0) } ?? 1
  default: paths.append(argument)
  }
}
do {
  let table = try FileTable.open(paths, options, splitBytes: splitBytes)
  let visible = 0..<table.fields.count - FileTable.pseudoFields.count
  if shows == "schema" {
    for field in table.fields[visible] { print("\(field.name) \(field.type.name)") }
    exit(0)
  }
  let columns =
    names.map { $0.compactMap { name in table.fields.firstIndex { $0.name == name } } } ?? Array(visible)
  var total = RejectedRecords(cap: options.rejectedCap)
  var rows = 0
  let sink = StandardOutputSink()
  let writer = JSONLinesWriter(sink, columns.map { table.fields[$0] })
  for split in table.splits {
    var rejected = RejectedRecords(cap: options.rejectedCap)
    try table.read(split, columns: columns, rejected: &rejected) { batch in
      rows += batch.rows
      if shows == "rows" { try writer.write(batch) }
    }
    total.append(rejected)
  }
  if shows == "count" {
    print("\(table.splits.count) splits, \(rows) rows, \(total.count) rejected of \(total.read)")
  }
  if shows == "rejected" { for record in total.kept { print(record.json, terminator: "") } }
  try sink.close()
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}

final class StandardOutputSink: ByteSink {
  func write(_ bytes: UnsafeRawBufferPointer) throws { FileHandle.standardOutput.write(Data(bytes)) }
  func close() throws {}
  func abort() {}
}
