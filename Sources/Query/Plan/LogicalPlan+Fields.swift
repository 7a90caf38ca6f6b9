import Columns

extension LogicalPlan {
  /// The names and types of the node's columns. All may hold nulls.
  package var fields: [ColumnField] {
    switch self {
    case .scan(let scan): scan.columns.map { scan.table.fields[$0] }
    case .values(let rows): rows.fields
    case .filter(let input, _), .sort(let input, _), .limit(let input, _): input.fields
    case .project(_, let columns): columns.map { ColumnField($0.name, $0.expr.type, nullable: true) }
    case .aggregate(_, let aggregation):
      aggregation.groups.map { ColumnField($0.name, $0.expr.type, nullable: true) }
        + aggregation.calls.map { ColumnField($0.name, $0.type, nullable: true) }
    case .join(let left, let right, let join):
      switch join.kind {
      case .semi, .anti, .nullAwareAnti: left.fields
      case .inner, .left, .right, .full, .asof: left.fields + right.fields
      }
    case .unionAll(let inputs): inputs.first?.fields ?? []
    case .unnest(let input, let unnest): input.fields + unnest.fields
    }
  }
}

extension Unnest {
  /// The columns that it adds.
  package var fields: [ColumnField] {
    var types: [ColumnType] = []
    if case .list(let element) = list.type {
      if expandsStructs, case .structure(let fields) = element {
        types = fields.map(\.type)
      } else {
        types = [element]
      }
    }
    let elements = zip(names, types).map { ColumnField($0, $1, nullable: true) }
    return elements + (ordinality.map { [ColumnField($0, .int64, nullable: true)] } ?? [])
  }
}
