import Basics
import Columns
import Query

/// The columns that names may mean at one point of a query.
struct Scope {
  struct Entry {
    var name: String
    /// Over the columns of the relation.
    var expr: Expr
    /// The name of its table in the query; nil for a column without one, such as that of USING.
    var table: String?
    /// Whether `*` gives it.
    var isInStar = true
    /// Whether its name alone means it: not if it is one of two that USING has merged.
    var isUnqualified = true
  }

  var entries: [Entry] = []
  /// In the order of FROM.
  var tables: [String] = []

  init(_ entries: [Entry] = [], tables: [String] = []) {
    self.entries = entries
    self.tables = tables
  }

  init(table: String?, _ fields: [ColumnField]) {
    entries = fields.enumerated().map {
      Entry(name: $1.name, expr: .column($0, $1.type), table: table)
    }
    tables = table.map { [$0] } ?? []
  }

  /// Both sides of a join; `width` is the number of columns of this side's relation.
  func joined(_ right: Scope, width: Int) -> Scope {
    Scope(
      entries
        + right.entries.map {
          var entry = $0
          entry.expr = entry.expr.shifted(by: width)
          return entry
        }, tables: tables + right.tables)
  }
}

extension Scope {
  enum Match {
    case one(Entry)
    case none
    /// Several columns of the same name, in these tables.
    case inTables([String])
    /// Several columns that differ in case only.
    case inCases([String])
  }

  func find(_ name: WrittenName, table: String? = nil) -> Match {
    let candidates = entries.filter { table == nil ? $0.isUnqualified : $0.table == table }
    let exact = candidates.filter { $0.name.hasSameBytes(as: name.text) }
    if let match = Scope.match(exact) { return match }
    guard !name.isQuoted else { return .none }
    let folded = name.text.lowercased()
    let alike = candidates.filter { $0.name.lowercased() == folded }
    if Set(alike.map { ExactName($0.name) }).count > 1 { return .inCases(alike.map(\.name)) }
    return Scope.match(alike) ?? .none
  }

  private static func match(_ entries: [Entry]) -> Match? {
    // Columns of files come before pseudo-columns of the same name.
    let visible = entries.filter(\.isInStar)
    let entries = visible.isEmpty ? entries : visible
    guard entries.count > 1 else { return entries.first.map { .one($0) } }
    return .inTables(entries.map { $0.table ?? "the query" })
  }

  /// The table that a qualifier means, by the same rule of case as columns; nil if none does.
  func table(_ name: WrittenName) -> String? {
    if let exact = tables.first(where: { $0.hasSameBytes(as: name.text) }) { return exact }
    guard !name.isQuoted else { return nil }
    let alike = tables.filter { $0.lowercased() == name.text.lowercased() }
    return alike.count == 1 ? alike[0] : nil
  }
}
