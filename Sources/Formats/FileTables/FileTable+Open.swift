import Basics
import Columns
import Storage
import Wire

extension FileTable {
  /// Files of which the beginnings are looked at.
  private static let sampledFiles = 10
  /// Text that is looked at in all of them.
  private static let sampledBytes = 1 << 20

  /// Finds the files, their formats, the columns and the splits.
  /// - Parameters:
  ///   - paths: Files, folders or patterns, on disk or in an object store.
  ///   - splitBytes: The usual size of a split of text. Rows do not depend on it.
  /// - Throws: `StorageError`; `.notFound` if no file matches a path.
  package static func open(
    _ paths: [String], _ options: FileTableOptions = FileTableOptions(), settings: Settings = Settings(),
    splitBytes: Int64 = 32 << 20
  ) throws -> FileTable {
    try FileTableCheck.check(options)
    let files = try FileListing.files(paths, settings)
    let plans = try parallelMap(files) { file in
      try FilePlan(
        file.object, options, try ObjectStores.store(for: file.object.uri, settings: settings),
        splitBytes: max(1, splitBytes))
    }
    let folders = HiveFolders(files)
    let fields = try fields(plans, folders.fields, options, settings)
    var splits: [FileTableSplit] = []
    for (plan, values) in zip(plans, folders.values) {
      for var split in plan.splits {
        split.folders = values
        splits.append(split)
      }
    }
    let bytes = files.reduce(Int64(0)) { $0 + $1.object.size }
    return FileTable(fields: fields + pseudoFields, splits: splits, options: options, bytes: bytes)
  }

  private static func fields(
    _ plans: [FilePlan], _ folders: [ColumnField], _ options: FileTableOptions, _ settings: Settings
  ) throws -> [ColumnField] {
    let given = options.columns
    var found: [ColumnField] = []
    if given == nil || options.infersMore {
      let chosen = sampled(plans)
      let samples = try parallelMap(chosen) { plan in
        try plan.sample(
          max(64 << 10, sampledBytes / chosen.count), options,
          try ObjectStores.store(for: plan.object.uri, settings: settings))
      }
      let mixed = samples.allSatisfy { $0.mixed == .json } ? ColumnType.json : .string
      found = samples.reduce([]) { SampledColumn.union($0, $1.columns) }.map {
        ColumnField($0.name, $0.type.columnType(mixed: mixed), nullable: true)
      }
    }
    let named = (given ?? []).map { ColumnField($0.name, $0.type, nullable: true) }
    // Folders win over columns of the files with the same name, as in Hive.
    let own = (named + found.filter { named.field(named: $0.name) == nil }).filter {
      folders.field(named: $0.name) == nil
    }
    // A type that was given holds for a folder's column only if it is the same.
    return own + folders
  }

  /// Files spread over the list, the first and the last among them.
  private static func sampled(_ plans: [FilePlan]) -> [FilePlan] {
    let plans = plans.filter { $0.object.size > 0 }
    guard plans.count > sampledFiles else { return plans }
    return (0..<sampledFiles).map { plans[$0 * (plans.count - 1) / (sampledFiles - 1)] }
  }
}

/// Refuses options that cannot be met.
enum FileTableCheck {
  static func check(_ options: FileTableOptions) throws {
    if let format = options.format, format != ParquetTableFormat.name, RecordFormats.named(format) == nil {
      let names = ([ParquetTableFormat.name] + RecordFormats.all.map { $0.name }).joined(separator: ", ")
      throw StorageError.invalid(location: "format", message: "expected one of \(names), found '\(format)'")
    }
    guard (0...1).contains(options.maxRejectedShare) else {
      throw StorageError.invalid(
        location: "maxRejectedShare",
        message: "expected a number from 0 to 1, found \(options.maxRejectedShare)"
      )
    }
    for (index, field) in (options.columns ?? []).enumerated() {
      let before = options.columns?[..<index] ?? []
      if before.contains(where: { $0.name.hasSameBytes(as: field.name) }) {
        throw StorageError.invalid(location: "columns", message: "\"\(field.name)\" appears twice")
      }
    }
  }
}
