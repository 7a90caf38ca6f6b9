import Basics
import Columns
import Formats
import Jobs
import Query
import SQL
import Storage
import Synchronization
import Wire

/// The tables of a job as SQL sees them. Files are looked at when a query names their table, once.
package final class JobCatalog: Catalog {
  private let definitions: [TableDefinition]
  private let settings: Settings
  /// Folder that relative paths in queries are resolved against; nil if they are mistakes.
  private let base: String?
  private let opened = Mutex<[String: FileTable]>([:])

  package init(_ definitions: [TableDefinition], settings: Settings, base: String? = nil) {
    self.definitions = definitions
    self.settings = settings
    self.base = base
  }

  /// The name of the files behind a table with a preset; presets read from a table called `raw`.
  private static let rawSuffix = " (raw)"

  package var tableNames: [String] { definitions.map(\.name) }

  package func table(_ name: String) throws -> CatalogTable? {
    if name.hasSuffix(JobCatalog.rawSuffix),
      let definition = definitions.first(where: { ($0.name + JobCatalog.rawSuffix).hasSameBytes(as: name) })
    {
      return .files(
        try files(definition.values.optionalStrings("files") ?? [], TableOptions(definition).options))
    }
    guard let definition = definitions.first(where: { $0.name.hasSameBytes(as: name) }) else { return nil }
    if let sql = definition.values.optionalString("sql") { return .view(sql: sql) }
    if let preset = definition.values.optionalString("preset") {
      guard let sql = Presets.sql(preset) else {
        throw definition.values.error(
          "preset", "no preset is called \"\(preset)\"" + Nearest.hint(preset, among: Presets.names))
      }
      let raw = (name + JobCatalog.rawSuffix).replacing("\"", with: "\"\"")
      return .view(sql: sql.replacing("FROM raw", with: "FROM \"\(raw)\""))
    }
    return .files(
      try files(definition.values.optionalStrings("files") ?? [], TableOptions(definition).options))
  }

  package func files(_ paths: [String], _ options: FileTableOptions) throws -> FileTable {
    let uris = try paths.map { path in
      let uri = try ObjectURI(path)
      guard base != nil || !uri.isRelative else {
        throw StorageError.invalid(location: "'\(path)'", message: "expected an absolute path or a URI")
      }
      return uri.resolved(against: base ?? "/").description
    }
    let key = uris.map { "\($0.utf8.count):\($0)" }.joined() + "\(options.hashValue)"
    if let table = opened.withLock({ $0[key] }) { return table }
    let table = try FileTable.open(uris, options, settings: settings)
    opened.withLock { $0[key] = table }
    return table
  }

  /// The objects of all files that queries have named so far, for fingerprints.
  package var objects: [ObjectInfo] {
    var seen: Set<ObjectName> = []
    return opened.withLock { Array($0.values) }.flatMap(\.splits).map(\.split.object).filter {
      seen.insert(ObjectName($0.uri)).inserted
    }
  }
}
