import Columns

/// Orders the inner joins of a query: from the largest input, the smallest input that an equality connects is joined next, so that
/// there is no cross product where an equality exists, and the right sides, of which joins build tables, are small.
enum JoinOrder {
  static func ordered(_ plan: LogicalPlan) -> LogicalPlan {
    let region = Region(plan)
    guard region.inputs.count > 1 else { return plan.mappingInputs(ordered) }
    return region.mappingInputs(ordered).ordered()
  }
}

/// Inputs that are connected by inner joins and filters only, and all their conditions.
private struct Region {
  /// From left to right, with the number of the first column of each.
  var inputs: [(plan: LogicalPlan, start: Int)] = []
  /// Over the columns of all inputs.
  var conjuncts: [Expr] = []
  let fields: [ColumnField]

  init(_ plan: LogicalPlan) {
    fields = plan.fields
    add(plan, start: 0)
  }

  private mutating func add(_ plan: LogicalPlan, start: Int) {
    switch plan {
    case .filter(let input, let condition):
      guard case .join(_, _, let join) = Self.below(input), join.kind == .inner else { break }
      add(input, start: start)
      conjuncts += condition.conjuncts.map { $0.shifted(by: start) }
      return
    case .join(let left, let right, let join) where join.kind == .inner:
      let middle = start + left.width
      add(left, start: start)
      add(right, start: middle)
      for key in join.keys {
        let equal = FunctionCall("=", [key.left.shifted(by: start), key.right.shifted(by: middle)], .bool)
        conjuncts.append(.call(equal))
      }
      conjuncts += (join.condition?.conjuncts ?? []).map { $0.shifted(by: start) }
      return
    default: break
    }
    inputs.append((plan, start))
  }

  private static func below(_ plan: LogicalPlan) -> LogicalPlan {
    if case .filter(let input, _) = plan { below(input) } else { plan }
  }

  func mappingInputs(_ transform: (LogicalPlan) -> LogicalPlan) -> Region {
    var region = self
    region.inputs = inputs.map { (transform($0.plan), $0.start) }
    return region
  }

  private func input(of column: Int) -> Int { (inputs.lastIndex { $0.start <= column } ?? 0) }

  func ordered() -> LogicalPlan {
    let conjuncts = hoisted(conjuncts)
    let uses = conjuncts.map { Set($0.columns.map(input)) }
    let sizes = inputs.indices.map { index in
      let filters = conjuncts.indices.filter { uses[$0] == [index] }.map { conjuncts[$0] }
      return PlanSize.estimate(inputs[index].plan) * filters.reduce(1) { $0 * PlanSize.selectivity($1) }
    }
    var remaining = Set(inputs.indices)
    var pending = Set(conjuncts.indices)
    // An edge is an equality of two inputs' columns.
    let edges = conjuncts.indices.filter { uses[$0].count == 2 && isEquality(conjuncts[$0], uses[$0]) }
    func isConnected(_ input: Int, _ joined: Set<Int>) -> Bool {
      edges.contains { uses[$0].contains(input) && !uses[$0].isDisjoint(with: joined) }
    }
    let connected = inputs.indices.filter { index in edges.contains { uses[$0].contains(index) } }
    let first =
      (connected.isEmpty ? Array(inputs.indices) : connected).max {
        (sizes[$0], $1) < (sizes[$1], $0)
      } ?? 0
    var joined: Set<Int> = []
    var positions: [Int: Int] = [:]
    var width = 0
    var plan: LogicalPlan?
    var next: Int? = first
    while let input = next {
      remaining.remove(input)
      joined.insert(input)
      let count = inputs[input].plan.width
      for column in 0..<count { positions[inputs[input].start + column] = width + column }
      let now = pending.filter { uses[$0].isSubset(of: joined) }.sorted()
      pending.subtract(now)
      let conditions = now.map { index in
        conjuncts[index].replacingColumns { .column(positions[$0] ?? $0, $1) }
      }
      plan = joining(plan, inputs[input].plan, conditions, width)
      width += count
      next =
        remaining.filter { isConnected($0, joined) }.min { (sizes[$0], $0) < (sizes[$1], $1) }
        ?? remaining.filter { index in edges.contains { uses[$0].contains(index) } }.max {
          (sizes[$0], $1) < (sizes[$1], $0)
        } ?? remaining.min { (sizes[$0], $0) < (sizes[$1], $1) }
    }
    guard let plan else { return .values(ValueRows(fields: fields, rows: [])) }
    // The columns in the order that the rest of the query knows.
    let columns = fields.enumerated().map { NamedExpr($1.name, .column(positions[$0] ?? $0, $1.type)) }
    return joined.count > 1 && positions.contains { $0.key != $0.value } ? .project(plan, columns) : plan
  }

  private func joining(
    _ left: LogicalPlan?, _ right: LogicalPlan, _ conditions: [Expr], _ width: Int
  ) -> LogicalPlan {
    guard let left else { return Expr.conjunction(conditions).map { .filter(right, $0) } ?? right }
    let (keys, rest) = JoinKeys.split(conditions, leftWidth: width)
    return .join(left, right, Join(.inner, keys: keys, condition: .conjunction(rest)))
  }

  private func isEquality(_ conjunct: Expr, _ uses: Set<Int>) -> Bool {
    guard case .call(let call) = conjunct, call.name == "=", call.arguments.count == 2 else { return false }
    return call.arguments.allSatisfy { Set($0.columns.map(input)).count == 1 }
      && call.arguments[0].columns.map(input).first != call.arguments[1].columns.map(input).first
  }

  /// What all branches of an OR demand is a condition of its own: `(k = j AND …) OR (k = j AND …)`.
  private func hoisted(_ conjuncts: [Expr]) -> [Expr] {
    conjuncts.flatMap { conjunct -> [Expr] in
      guard case .or(let branches) = conjunct, let first = branches.first else { return [conjunct] }
      let others = branches.dropFirst().map { Set($0.conjuncts.map(\.withoutPositions)) }
      let common = first.conjuncts.filter { part in
        let key = part.withoutPositions
        return others.allSatisfy { $0.contains(key) }
      }
      return common + [conjunct]
    }
  }
}
