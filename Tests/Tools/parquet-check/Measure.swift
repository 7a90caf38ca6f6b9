import Columns
import Formats
import Foundation
import Storage

/// Writes and reads a table like that of user features, and tells how long it took.
enum Measure {
  static func run(rows: Int, codec: ParquetCodec, _ path: String) throws {
    var state: UInt64 = 42
    func random(_ below: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % below
    }
    var fields = [ColumnField("user_id", .string)]
    var columns = [Column(.bytes(StringColumn((0..<rows).map { "user-\($0 &* 7919 % rows)" })))]
    for index in 0..<8 {
      fields.append(ColumnField("count\(index)", .int64))
      columns.append(Column(.int64((0..<rows).map { _ in Int64(random(4 << UInt64(index))) })))
    }
    for index in 0..<9 {
      fields.append(ColumnField("mean\(index)", .double))
      columns.append(Column(.double((0..<rows).map { _ in Double(random(1 << UInt64(6 + index * 2))) / 7 })))
    }
    for name in ["first", "last"] {
      fields.append(ColumnField(name, .timestampMillis))
      columns.append(
        Column(.int64((0..<rows).map { _ in 1_743_465_600_000 + Int64(random(1_800_000_000)) })))
    }
    let batch = ColumnBatch(fields: fields, columns: columns, rows: rows)
    let sink = try ObjectStores.sink(for: path, durable: false)
    var summary: ParquetWriter.Summary?
    let written = try measure {
      let writer = try ParquetWriter(sink: sink, fields: fields, options: .init(codec: codec))
      try writer.write(batch)
      summary = try writer.finish()
    }
    try sink.close()
    let file = try PrintFile.open(path)
    let names = fields.map(\.name)
    var total = 0
    let read = try measure {
      for group in file.rowGroups.indices { total += try file.read(rowGroup: group, columns: names).rows }
    }
    print("\(total) rows, \(summary?.bytes ?? 0) bytes, \(codec): written in \(written), read in \(read)")
  }

  /// Time on the clock and on the processor: on a busy machine only the latter tells something.
  private static func measure(_ body: () throws -> Void) rethrows -> String {
    let start = clock()
    let elapsed = try ContinuousClock().measure(body)
    return "\(elapsed) (processor \(Double(clock() - start) / Double(CLOCKS_PER_SEC)) s)"
  }
}
