import Columns
import Formats
import Foundation
import Storage

/// Reads columns of a file, each by itself and then all together, and tells how long it took.
enum Scan {
  /// - Parameter batch: Rows of a batch; 0 for whole row groups.
  static func run(_ path: String, batch: Int, dictionaries: Bool) throws {
    let file = try PrintFile.open(path)
    let names = file.fields.map(\.name)
    for name in names + ["*"] {
      let columns = name == "*" ? names : [name]
      var rows = 0
      var best = Double.infinity
      for _ in 0..<3 {
        rows = 0
        let start = clock()
        for group in file.rowGroups.indices {
          let reader = try file.reader(
            rowGroup: group, columns: columns.map { ParquetRequest($0, keepsDictionary: dictionaries) })
          while let part = try reader.next(batch == 0 ? .max : batch) { rows += part.rows }
        }
        best = min(best, Double(clock() - start) / Double(CLOCKS_PER_SEC))
      }
      print(
        "\(name): \(rows) rows in \(Int(best * 1000)) ms, \(Int(Double(rows) / best / 1e6)) million rows/s")
    }
  }
}
