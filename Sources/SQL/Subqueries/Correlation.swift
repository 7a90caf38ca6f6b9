import Columns
import Query

/// Takes the conditions that refer to the query around out of a subquery's plan, so that a join can check them instead.
struct Correlation {
  /// Why a subquery cannot be taken apart.
  struct Unsupported: Error {
    let reason: String
  }

  /// The subquery without the conditions. Its columns are the original ones, then those that the conditions need.
  var plan: LogicalPlan
  /// Over the plan's columns and the query around.
  var conditions: [Expr] = []
  /// For an aggregate without GROUP BY: what its columns are when no row passes, as expressions without columns.
  var whenEmpty: [Expr]?

  static func isCorrelated(_ plan: LogicalPlan) -> Bool {
    plan.expressions.contains(where: \.refersToOuterRows) || plan.inputs.contains(where: isCorrelated)
  }

  private init(whole plan: LogicalPlan) { self.plan = plan }

  init(_ plan: LogicalPlan) throws {
    self.init(whole: plan)
    guard Self.isCorrelated(plan) else { return }
    switch plan {
    case .filter(let input, let condition):
      self = try Correlation(input)
      let own = condition.conjuncts.filter { !$0.refersToOuterRows }
      guard whenEmpty == nil else { throw Unsupported(reason: "HAVING of an aggregate") }
      if let condition = Expr.conjunction(own) { self.plan = .filter(self.plan, condition) }
      conditions += condition.conjuncts.filter(\.refersToOuterRows)
    case .project(let input, let columns):
      self = try Correlation(input)
      try project(columns)
    case .aggregate(let input, let aggregation):
      self = try Correlation(input)
      try aggregate(aggregation)
    case .sort(let input, _): self = try Correlation(input)
    case .join(let left, let right, let join): try self.init(left, right, join)
    case .unnest(let input, let unnest):
      guard !unnest.list.refersToOuterRows else { throw Unsupported(reason: "a list of the query around") }
      self = try Correlation(input)
      let width = input.width
      let extra = self.plan.width - width
      self.plan = .unnest(self.plan, unnest)
      guard extra > 0 else { return }
      let fields = self.plan.fields
      reorder(Array(0..<width) + Array(width + extra..<fields.count) + Array(width..<width + extra))
    case .limit: throw Unsupported(reason: "LIMIT")
    case .unionAll: throw Unsupported(reason: "UNION")
    case .scan, .values: throw Unsupported(reason: "its rows")
    }
  }

  private init(_ left: LogicalPlan, _ right: LogicalPlan, _ join: Join) throws {
    self.init(whole: left)
    let (leftWidth, rightWidth) = (left.width, right.width)
    var a = try Correlation(left)
    let b = try Correlation(right)
    let (leftExtra, rightExtra) = (a.plan.width - leftWidth, b.plan.width - rightWidth)
    guard a.whenEmpty == nil, b.whenEmpty == nil else { throw Unsupported(reason: "a join of an aggregate") }
    switch join.kind {
    case .semi, .anti, .nullAwareAnti:
      guard b.conditions.isEmpty, leftExtra == 0 || join.condition == nil,
        !(join.condition?.refersToOuterRows ?? false)
      else { throw Unsupported(reason: "an inner subquery") }
      a.plan = .join(a.plan, right, join)
      self = a
      return
    case .inner: break
    case .left, .asof:
      guard b.conditions.isEmpty else { throw Unsupported(reason: "an outer join") }
    case .right, .full: throw Unsupported(reason: "an outer join")
    }
    // Columns of the right side move behind what the left one gained.
    func moved(_ expr: Expr) -> Expr {
      expr.replacingColumns { index, type in
        .column((leftWidth..<Expr.outerBase).contains(index) ? index + leftExtra : index, type)
      }
    }
    var join = join
    var conditions: [Expr] = []
    let conjuncts = (join.condition?.conjuncts ?? []).map(moved)
    if join.kind == .inner {
      conditions = conjuncts.filter(\.refersToOuterRows)
      join.condition = Expr.conjunction(conjuncts.filter { !$0.refersToOuterRows })
    } else {
      guard !conjuncts.contains(where: \.refersToOuterRows) else {
        throw Unsupported(reason: "an outer join")
      }
      join.condition = Expr.conjunction(conjuncts)
    }
    plan = .join(a.plan, b.plan, join)
    let distance = leftWidth + leftExtra
    self.conditions = conditions + a.conditions + b.conditions.map { $0.shifted(by: distance) }
    let right = distance..<distance + rightWidth
    reorder(
      Array(0..<leftWidth) + Array(right) + Array(leftWidth..<distance)
        + Array(right.upperBound..<right.upperBound + rightExtra))
  }

  private mutating func project(_ columns: [NamedExpr]) throws {
    guard !columns.contains(where: { $0.expr.refersToOuterRows }) else {
      throw Unsupported(reason: "an output column")
    }
    if let empty = whenEmpty {
      whenEmpty = columns.map { column in
        column.expr.replacingColumns { index, type in
          empty.indices.contains(index) ? empty[index] : .column(index, type)
        }
      }
    }
    var columns = columns
    let fields = plan.fields
    expose { index in
      columns.append(NamedExpr(fields[index].name, .column(index, fields[index].type)))
      return columns.count - 1
    }
    plan = .project(plan, columns)
  }

  /// The inner sides of equalities become groups.
  private mutating func aggregate(_ aggregation: Aggregation) throws {
    guard aggregation.sets == nil, whenEmpty == nil else { throw Unsupported(reason: "nested grouping") }
    var aggregation = aggregation
    let groups = aggregation.groups.count
    var outerSides: [(Expr, Expr, Int32)] = []
    for condition in conditions {
      guard case .call(let call) = condition, call.name == "=", call.arguments.count == 2 else {
        throw Unsupported(reason: "a condition other than equality, with an aggregate")
      }
      let inner = call.arguments.filter { !$0.refersToOuterRows }
      let outer = call.arguments.filter { $0.refersToOuterRows && $0.columns.isEmpty }
      guard inner.count == 1, outer.count == 1 else {
        throw Unsupported(reason: "a condition of both queries")
      }
      outerSides.append((inner[0], outer[0], call.position))
    }
    if groups == 0 {
      whenEmpty = aggregation.calls.map {
        .literal(
          ["count", "regr_count", "approx_count_distinct"].contains($0.function) ? .int(0) : .null, $0.type)
      }
    }
    let calls = aggregation.calls.count
    for (number, side) in outerSides.enumerated() {
      aggregation.groups.append(NamedExpr("key\(number + 1)", side.0))
    }
    plan = .aggregate(plan, aggregation)
    conditions = outerSides.enumerated().map { number, side in
      .call(
        FunctionCall("=", [.column(groups + calls + number, side.0.type), side.1], .bool, position: side.2))
    }
    // The added groups stand before the calls; the original columns come first.
    reorderColumns(
      Array(0..<groups) + Array(groups + outerSides.count..<groups + outerSides.count + calls)
        + Array(groups..<groups + outerSides.count))
  }

  /// Makes the columns that conditions refer to available, and renumbers them.
  private mutating func expose(_ add: (Int) -> Int) {
    var known: [Int: Int] = [:]
    conditions = conditions.map {
      $0.replacingColumns { index, type in
        guard index < Expr.outerBase else { return .column(index, type) }
        let position = known[index] ?? add(index)
        known[index] = position
        return .column(position, type)
      }
    }
  }

  /// Puts the columns into another order, also in the conditions.
  private mutating func reorder(_ order: [Int]) {
    guard order != Array(order.indices) else { return }
    var positions: [Int: Int] = [:]
    for (position, index) in order.enumerated() { positions[index] = position }
    conditions = conditions.map {
      $0.replacingColumns { index, type in .column(positions[index] ?? index, type) }
    }
    reorderColumns(order)
  }

  private mutating func reorderColumns(_ order: [Int]) {
    let fields = plan.fields
    plan = .project(plan, order.map { NamedExpr(fields[$0].name, .column($0, fields[$0].type)) })
  }
}

extension Correlation {
  /// The conditions over the columns of the query around, then those of the subquery.
  /// - Throws: ``Unsupported`` if one refers to a query farther out.
  func joined(_ leftWidth: Int) throws -> [Expr] {
    guard !Correlation.isCorrelated(plan) else { throw Unsupported(reason: "a query farther out") }
    return try conditions.map { condition in
      try condition.replacingColumns { index, type in
        switch index {
        case ..<Expr.outerBase: return .column(index + leftWidth, type)
        case Expr.outerBase..<2 * Expr.outerBase: return .column(index - Expr.outerBase, type)
        case Expr.elementBase...: return .column(index, type)
        default: throw Unsupported(reason: "a query farther out")
        }
      }
    }
  }
}
