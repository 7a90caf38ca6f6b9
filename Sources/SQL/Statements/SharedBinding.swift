import Columns
import Query

/// What the binders of a query and of the views in it share.
final class SharedBinding {
  /// More references to tables in one query, those in views and CTEs counted at each use, are refused.
  static let tableLimit = 2000

  let catalog: any Catalog
  let session: SessionContext
  /// Of the statement at hand.
  var subqueries: [Query.Subquery] = []
  /// The views being bound, outermost first.
  var views: [String] = []
  /// Tables of the catalog that were asked for.
  var tables: [String: CatalogTable] = [:]
  var tableCount = 0

  init(catalog: any Catalog, session: SessionContext) {
    self.catalog = catalog
    self.session = session
  }
}
