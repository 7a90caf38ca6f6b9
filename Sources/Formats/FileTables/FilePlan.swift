import Basics
import Columns
import Storage

/// What planning finds out about one file of a table.
struct FilePlan: Sendable {
  let object: ObjectInfo
  let format: String
  let splits: [FileTableSplit]
  /// The columns of a file with a schema.
  private let fields: [ColumnField]?

  init(_ object: ObjectInfo, _ options: FileTableOptions, _ store: any ObjectStore, splitBytes: Int64) throws
  {
    self.object = object
    guard object.size > 0 else {
      format = options.format ?? ""
      splits = []
      fields = nil
      return
    }
    let reader = try store.open(object)
    format = try FilePlan.format(reader, options)
    guard let records = RecordFormats.named(format) else {
      let table = try ParquetTableFormat.describe(reader)
      fields = table.fields
      splits = table.splits.map { FileTableSplit(split: $0) }
      return
    }
    fields = nil
    splits = try records.splits(reader, options, bytes: splitBytes)
  }

  /// The format that the options name; else what the name of the file says, if the content may be it; else what the content is.
  private static func format(_ reader: any ObjectReader, _ options: FileTableOptions) throws -> String {
    if let format = options.format { return format }
    let head = try FileHead(of: reader)
    if head.kind == .parquet { return ParquetTableFormat.name }
    if head.isEmpty { return RecordFormats.all[0].name }
    guard !head.text.isEmpty else {
      let names = ([ParquetTableFormat.name] + RecordFormats.all.map { $0.name }).joined(separator: ", ")
      throw StorageError.corrupt(
        location: head.uri, message: "looks like \(head.kind); expected a table in one of: \(names)")
    }
    var name = head.uri.lowercased()
    let suffix = Codec.suffixes.first { name.hasSuffix($0.suffix) }?.suffix ?? ""
    name.removeLast(suffix.count)
    let byName = RecordFormats.all.first { $0.endings.contains { name.hasSuffix($0) } }
    return (byName ?? RecordFormats.all.first { $0.recognizes(head) } ?? RecordFormats.all[0]).name
  }

  func sample(_ bytes: Int, _ options: FileTableOptions, _ store: any ObjectStore) throws -> FileSample {
    if let fields {
      return FileSample(
        columns: fields.map { SampledColumn(name: $0.name, type: SampledType($0.type)) }, mixed: .string)
    }
    guard let records = RecordFormats.named(format) else { return FileSample(mixed: .string) }
    return try records.sample(try store.open(object), bytes: bytes, options)
  }
}
