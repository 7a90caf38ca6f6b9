import Columns
import Formats
import Storage
import Wire

/// Leaves out splits that cannot hold a row that a scan's filter accepts: by the values of Hive folders, and by what the files
/// say about the ranges of their values.
enum SplitPruning {
  static func splits(_ scan: TableScan, _ settings: Settings) throws -> [FileTableSplit] {
    guard let filter = scan.filter else { return scan.table.splits }
    let tests = filter.conjuncts.compactMap { RangeTest($0) }
    if tests.isEmpty { return scan.table.splits }
    var splits = scan.table.splits.filter { split in
      !tests.contains { test in
        let field = scan.table.fields[scan.columns[test.column]]
        guard let folder = split.folders.first(where: { $0.name.hasSameBytes(as: field.name) }) else {
          return false
        }
        return test.excludes(folder.value, field.type)
      }
    }
    splits = try byStatistics(splits, scan, tests, settings)
    return splits
  }

  private static func byStatistics(
    _ splits: [FileTableSplit], _ scan: TableScan, _ tests: [RangeTest], _ settings: Settings
  ) throws -> [FileTableSplit] {
    let fields = tests.map { scan.table.fields[scan.columns[$0.column]] }
    var kept: [FileTableSplit] = []
    var ranges: (uri: String, ranges: [[ColumnRange?]])?
    for split in splits {
      let object = split.split.object
      guard split.split.format == ParquetTableFormat.name else {
        kept.append(split)
        continue
      }
      if ranges.map({ $0.uri.hasSameBytes(as: object.uri) }) != true {
        let reader = try ObjectStores.store(for: object.uri, settings: settings).open(object)
        ranges = (object.uri, try ParquetTableFormat.knownRanges(reader, columns: fields))
      }
      let group = Int(split.split.range.lowerBound)
      let known = ranges.flatMap { $0.ranges.indices.contains(group) ? $0.ranges[group] : nil } ?? []
      let isExcluded = zip(tests, zip(fields, known)).contains { test, column in
        column.1.map { test.excludes($0, column.0.type) } ?? false
      }
      if !isExcluded { kept.append(split) }
    }
    return kept
  }
}

extension ParquetTableFormat {
  /// ``ranges(_:columns:)`` for the columns that the file has; nil for the others.
  fileprivate static func knownRanges(_ reader: any ObjectReader, columns: [ColumnField]) throws
    -> [[ColumnRange?]]
  {
    let described = try describe(reader)
    let present = columns.map { described.fields.field(named: $0.name)?.type == $0.type }
    let known = columns.indices.filter { present[$0] }
    let ranges = try ranges(reader, columns: known.map { columns[$0] })
    return ranges.map { group in
      var next = 0
      return present.map { isPresent in
        guard isPresent else { return nil }
        next += 1
        return group[next - 1]
      }
    }
  }
}
