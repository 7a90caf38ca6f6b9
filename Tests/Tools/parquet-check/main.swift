import Formats
import Foundation
import Storage

let usage = """
  usage: parquet-check write FILE [codec=zstd] [rows=1000] [rowGroupRows=300]
         parquet-check read FILE [column…]
         parquet-check measure FILE [codec=zstd] [rows=1000000]
         parquet-check scan FILE [batchRows=0 (a row group)] [keepDictionaries=0]
  codec: none, snappy, gzip, brotli, lz4, lz4Hadoop, zstd
  """

func fail(_ message: String, code: Int32) -> Never {
  FileHandle.standardError.write(Data((message + "\n").utf8))
  exit(code)
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2 else { fail(usage, code: 2) }

func number(_ index: Int, _ standard: Int) -> Int {
  guard arguments.count > index else { return standard }
  guard let value = Int(arguments[index]), value >= 0 else { fail(usage, code: 2) }
  return value
}

func codec(_ index: Int) -> ParquetCodec {
  guard arguments.count > index else { return .zstd }
  guard let codec = ParquetCodec.allCases.first(where: { "\($0)" == arguments[index] }) else {
    fail(usage, code: 2)
  }
  return codec
}

do {
  switch arguments[0] {
  case "write":
    let sink = try ObjectStores.sink(for: arguments[1], durable: false)
    let options = ParquetOptions(codec: codec(2), rowGroupRows: number(4, 300))
    let writer = try ParquetWriter(sink: sink, fields: Sample.fields, options: options)
    let rows = number(3, 1000)
    // Batches of another size than row groups, so that both cutting and joining happen.
    for first in stride(from: 0, to: rows, by: 70) {
      try writer.write(Sample.batch(first..<min(first + 70, rows)))
    }
    _ = try writer.finish()
    try sink.close()
  case "read":
    try PrintFile.run(arguments[1], columns: arguments.count > 2 ? Array(arguments[2...]) : nil)
  case "scan":
    try Scan.run(arguments[1], batch: number(2, 0), dictionaries: number(3, 0) > 0)
  case "measure":
    try Measure.run(rows: number(3, 1_000_000), codec: codec(2), arguments[1])
  default:
    fail(usage, code: 2)
  }
} catch {
  fail("\(error)", code: 1)
}
