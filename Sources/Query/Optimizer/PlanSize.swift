/// A rough size of a plan's result, to compare the inputs of joins.
enum PlanSize {
  static func estimate(_ plan: LogicalPlan) -> Double {
    switch plan {
    case .scan(let scan):
      let share = Double(max(1, scan.columns.count)) / Double(max(1, scan.table.fields.count))
      return max(1, Double(scan.table.bytes)) * share
        * (scan.filter?.conjuncts ?? []).reduce(1) { $0 * selectivity($1) }
    case .values(let rows): return Double(rows.rows.count * 16)
    case .filter(let input, let condition):
      return condition.conjuncts.reduce(estimate(input)) { $0 * selectivity($1) }
    case .project(let input, _), .sort(let input, _): return estimate(input)
    case .aggregate(let input, let aggregation):
      return aggregation.groups.isEmpty ? 16 : estimate(input) / 4
    case .limit(let input, let limit): return min(estimate(input), Double(limit.count ?? .max) * 64)
    case .join(let left, let right, let join):
      return join.kind == .semi || join.kind == .anti
        ? estimate(left) / 2 : max(estimate(left), estimate(right))
    case .unionAll(let inputs): return inputs.reduce(0) { $0 + estimate($1) }
    case .unnest(let input, _): return estimate(input) * 2
    }
  }

  /// The share of rows that a condition lets pass.
  static func selectivity(_ condition: Expr) -> Double {
    switch condition {
    case .call(let call): call.name == "=" ? 0.1 : call.name == "<>" ? 0.9 : 0.35
    case .isIn(_, let list): min(0.5, 0.1 * Double(list.values.count))
    case .and(let operands): operands.reduce(1) { $0 * selectivity($1) }
    case .or(let operands): min(1, operands.reduce(0) { $0 + selectivity($1) })
    case .not(let operand): max(0.1, 1 - selectivity(operand))
    case .isNull: 0.1
    default: 0.5
    }
  }
}
