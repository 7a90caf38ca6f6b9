import Formats
import Query

/// What names in FROM mean. The binder asks for each table once per query.
package protocol Catalog {
  /// A table of the job file or of `--table`; nil if there is no such table.
  /// - Throws: `StorageError` if its files cannot be read, `SQLError` if its own SQL is wrong.
  func table(_ name: String) throws -> CatalogTable?

  /// Names of all tables, for hints and completion.
  var tableNames: [String] { get }

  /// A table of files named in the query: a path, or the arguments of `read_csv` and its like.
  func files(_ paths: [String], _ options: FileTableOptions) throws -> FileTable
}

package enum CatalogTable: Sendable {
  case files(FileTable)
  /// A view: SQL over other tables of the catalog.
  case view(sql: String)
}
