import Formats

/// No tables and no files.
package struct EmptyCatalog: Catalog {
  package init() {}

  package func table(_ name: String) throws -> CatalogTable? { nil }

  package var tableNames: [String] { [] }

  package func files(_ paths: [String], _ options: FileTableOptions) throws -> FileTable {
    throw SQLError("no files can be read here", line: 1, column: 1)
  }
}
