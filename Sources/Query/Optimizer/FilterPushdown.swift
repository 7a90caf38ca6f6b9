import Columns

/// Moves conditions as close to the scans as their columns allow.
enum FilterPushdown {
  static func pushed(_ plan: LogicalPlan) -> LogicalPlan { pushed(plan, []) }

  /// - Parameter conjuncts: Conditions over the plan's columns that its rows must meet.
  private static func pushed(_ plan: LogicalPlan, _ conjuncts: [Expr]) -> LogicalPlan {
    switch plan {
    case .scan(var scan):
      scan.filter = .conjunction((scan.filter?.conjuncts ?? []) + distinct(conjuncts))
      return .scan(scan)
    case .filter(let input, let condition):
      return pushed(input, condition.conjuncts + conjuncts)
    case .project(let input, let columns):
      let (below, above) = split(conjuncts) { conjunct in
        conjunct.columns.allSatisfy { isMovable(columns[$0].expr) }
      }
      let moved = below.map {
        $0.replacingColumns { index, type in
          index < columns.count ? columns[index].expr : .column(index, type)
        }
      }
      return filtered(.project(pushed(input, moved), columns), above)
    case .aggregate(let input, let aggregation):
      // Conditions on groups hold for all rows of a group. Sets null some groups, so they stay above.
      let (below, above) = split(conjuncts) { conjunct in
        aggregation.sets == nil && !aggregation.groups.isEmpty && !conjunct.columns.isEmpty
          && conjunct.columns.allSatisfy { $0 < aggregation.groups.count }
      }
      let moved = below.map {
        $0.replacingColumns { index, type in
          index < aggregation.groups.count ? aggregation.groups[index].expr : .column(index, type)
        }
      }
      return filtered(.aggregate(pushed(input, moved), aggregation), above)
    case .sort(let input, let keys): return .sort(pushed(input, conjuncts), keys)
    case .unionAll(let inputs): return .unionAll(inputs.map { pushed($0, conjuncts) })
    case .unnest(let input, let unnest):
      let width = input.width
      let (below, above) = split(conjuncts) { $0.isOver(..<width) }
      return filtered(.unnest(pushed(input, below), unnest), above)
    case .join(let left, let right, let join): return pushed(left, right, join, conjuncts)
    case .values, .limit: return filtered(plan.mappingInputs(pushed), conjuncts)
    }
  }

  private static func pushed(
    _ left: LogicalPlan, _ right: LogicalPlan, _ join: Join, _ conjuncts: [Expr]
  ) -> LogicalPlan {
    let width = left.width
    var join = join
    // Where conditions above and within the join may go, by its kind.
    let keepsLeft = [.inner, .left, .semi, .anti, .nullAwareAnti, .asof].contains(join.kind)
    let keepsRight = join.kind == .inner || join.kind == .right
    var (toLeft, rest) = split(conjuncts) { keepsLeft && $0.isOver(..<width) }
    var toRight: [Expr] = []
    (toRight, rest) = split(rest) { keepsRight && $0.isOver(width...) }
    var inner = join.condition?.conjuncts ?? []
    if join.kind == .inner {
      let (a, others) = split(inner) { $0.isOver(..<width) }
      let (b, left) = split(others) { $0.isOver(width...) }
      toLeft += a
      toRight += b
      // Conditions over both sides belong into the join.
      let keys = JoinKeys.split(left + rest, leftWidth: width)
      join.keys += keys.keys
      inner = keys.rest
      rest = []
    } else if [.left, .semi, .anti].contains(join.kind) {
      let (b, others) = split(inner) { $0.isOver(width...) && !$0.columns.isEmpty }
      toRight += b
      inner = others
      if join.kind == .semi {
        let (a, others) = split(inner) { $0.isOver(..<width) }
        toLeft += a
        inner = others
      }
    }
    join.condition = .conjunction(inner)
    if join.kind == .inner || join.kind == .semi { infer(join, &toLeft, &toRight, width) }
    let rightConjuncts = toRight.map { $0.shifted(by: -width) }
    return filtered(.join(pushed(left, toLeft), pushed(right, rightConjuncts), join), rest)
  }

  /// A condition on a key of one side holds for the equal key of the other.
  private static func infer(_ join: Join, _ toLeft: inout [Expr], _ toRight: inout [Expr], _ width: Int) {
    let (left, right) = (toLeft, toRight)
    for key in join.keys {
      guard case .column(let a, let type) = key.left, case .column(let b, _) = key.right else { continue }
      for conjunct in left where conjunct.columns == [a] && isComparison(conjunct) {
        toRight.append(
          conjunct.replacingColumns { index, _ in .column(index == a ? width + b : index, type) })
      }
      for conjunct in right where conjunct.columns == [width + b] && isComparison(conjunct) {
        toLeft.append(conjunct.replacingColumns { index, _ in .column(index == width + b ? a : index, type) })
      }
    }
  }

  /// Comparisons of a column with constants, which cannot fail.
  private static func isComparison(_ expr: Expr) -> Bool {
    switch expr {
    case .isIn(.column, _): return true
    case .call(let call):
      return ["=", "<", ">", "<=", ">="].contains(call.name)
        && call.arguments.allSatisfy {
          switch $0 {
          case .column, .literal: true
          default: false
          }
        }
    default: return false
    }
  }

  /// Expressions that a filter below a projection may compute a second time.
  private static func isMovable(_ expr: Expr) -> Bool {
    !expr.contains { if case .listQuery = $0 { true } else { false } }
  }

  private static func filtered(_ plan: LogicalPlan, _ conjuncts: [Expr]) -> LogicalPlan {
    Expr.conjunction(distinct(conjuncts)).map { .filter(plan, $0) } ?? plan
  }

  private static func distinct(_ conjuncts: [Expr]) -> [Expr] {
    var seen: Set<Expr> = []
    return conjuncts.filter { seen.insert($0.withoutPositions).inserted }
  }

  private static func split(_ conjuncts: [Expr], _ test: (Expr) -> Bool) -> (matching: [Expr], others: [Expr])
  {
    (conjuncts.filter(test), conjuncts.filter { !test($0) })
  }
}
