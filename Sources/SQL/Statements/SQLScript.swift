import Columns
import Query

/// A statement ready to be planned.
package enum BoundStatement: Sendable {
  case query(Query)
  case explain(Query, isAnalyze: Bool)
  /// The columns of a table, a file or a query.
  case describe(Query)
  /// Statistics of each column.
  case summarize(Query)
  case showTables
}

/// The statements of a text.
package enum SQLScript {
  /// Parses, binds and optimizes all statements.
  /// - Parameter isOptimized: Whether the rules of the optimizer are applied; for tests.
  /// - Throws: ``SQLError``.
  package static func bind(
    _ sql: String, catalog: any Catalog, session: SessionContext, isOptimized: Bool = true
  ) throws(SQLError) -> [BoundStatement] {
    do {
      return try DeepStack.run(sql.utf8.count) {
        let parser = try Parser(sql)
        return try parser.statements().map { statement in
          let binder = Binder(parser, SharedBinding(catalog: catalog, session: session))
          return try binder.statement(statement, isOptimized: isOptimized)
        }
      }
    } catch let error as SQLError {
      throw error
    } catch {
      throw SQLError("\(error)", line: 1, column: 1)
    }
  }

  /// The type that a name such as `decimal(10,2)` or `text[]` means.
  /// - Throws: ``SQLError`` with a position in `name`.
  package static func columnType(named name: String) throws(SQLError) -> ColumnType {
    do {
      return try Binder.columnType(
        named: name, SharedBinding(catalog: EmptyCatalog(), session: SessionContext(now: 0)))
    } catch let error as SQLError {
      throw error
    } catch {
      throw SQLError("\(error)", line: 1, column: 1)
    }
  }
}

extension Binder {
  func statement(_ statement: Statement, isOptimized: Bool) throws -> BoundStatement {
    func finished(_ relation: Relation) throws -> Query {
      let query = Query(
        plan: named(relation), subqueries: shared.subqueries, session: shared.session)
      return isOptimized ? Optimizer.optimized(query) : query
    }
    switch statement {
    case .query(let node): return .query(try finished(try query(node, outer: nil)))
    case .explain(let node, let isAnalyze):
      return .explain(try finished(try query(node, outer: nil)), isAnalyze: isAnalyze)
    case .describe(let subject): return .describe(try finished(try relation(subject)))
    case .summarize(let subject): return .summarize(try finished(try relation(subject)))
    case .showTables: return .showTables
    }
  }

  private func relation(_ subject: Statement.Subject) throws -> Relation {
    switch subject {
    case .query(let node): return try query(node, outer: nil)
    case .name(let name, let position):
      var relation = try relation(name, folded: name.isQuoted ? name.text : name.text.lowercased(), position)
      relation.scope.entries.removeAll { !$0.isInStar }
      return relation
    }
  }

  /// The plan with exactly the columns that the names stand for.
  private func named(_ relation: Relation) -> LogicalPlan {
    let entries = relation.scope.entries
    let fields = relation.plan.fields
    let isSame =
      entries.count == fields.count
      && zip(entries.indices, entries).allSatisfy {
        $1.expr == .column($0, fields[$0].type) && $1.name.hasSameBytes(as: fields[$0].name)
      }
    return isSame ? relation.plan : .project(relation.plan, entries.map { NamedExpr($0.name, $0.expr) })
  }
}
