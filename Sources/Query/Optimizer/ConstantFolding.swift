import Columns

/// Computes what does not depend on rows, and simplifies conditions by it.
struct ConstantFolding {
  let session: SessionContext

  func folded(_ plan: LogicalPlan) -> LogicalPlan {
    let plan = plan.mappingInputs(folded).mappingExpressions { expr, _ in folded(expr) }
    switch plan {
    case .filter(let input, .literal(.bool(true), _)): return input
    case .filter(let input, .literal(let value, _)) where value == .bool(false) || value.isNull:
      return .values(ValueRows(fields: input.fields, rows: []))
    default: return plan
    }
  }

  func folded(_ expr: Expr) -> Expr {
    let expr = expr.mappingOperands(folded)
    switch expr {
    case .column, .literal, .subquery, .listQuery: return expr
    case .and(let operands): return logic(operands, decisive: false)
    case .or(let operands): return logic(operands, decisive: true)
    case .not(.not(let operand)): return operand
    case .conditional(let conditional): return self.conditional(conditional)
    default:
      if case .call(let call) = expr, let simpler = ComparisonCasts.removed(call) { return simpler }
      guard !expr.operands.isEmpty || isCallWithoutArguments(expr), expr.operands.allSatisfy(isLiteral) else {
        return expr
      }
      // What cannot be computed is an error only if a row needs it.
      guard let value = try? Evaluator.constant(expr, session: session) else { return expr }
      return .literal(value, expr.type)
    }
  }

  private func isLiteral(_ expr: Expr) -> Bool { if case .literal = expr { true } else { false } }

  private func isCallWithoutArguments(_ expr: Expr) -> Bool {
    if case .call(let call) = expr { call.arguments.isEmpty } else { false }
  }

  /// AND (`decisive` false) and OR (true).
  private func logic(_ operands: [Expr], decisive: Bool) -> Expr {
    var rest: [Expr] = []
    for operand in operands {
      switch operand {
      case .literal(.bool(let value), _):
        // Operands before a decisive one may fail, so they stay.
        if value == decisive {
          if rest.isEmpty { return operand }
          rest.append(operand)
        }
      case .and(let inner) where !decisive: rest += inner
      case .or(let inner) where decisive: rest += inner
      default: rest.append(operand)
      }
    }
    if rest.isEmpty { return .literal(.bool(!decisive), .bool) }
    if rest.count == 1 { return rest[0] }
    return decisive ? .or(rest) : .and(rest)
  }

  /// Branches whose condition is known are taken or left out.
  private func conditional(_ conditional: Conditional) -> Expr {
    var result = conditional
    result.branches = []
    for branch in conditional.branches {
      guard case .literal(let value, _) = branch.condition else {
        result.branches.append(branch)
        continue
      }
      guard value == .bool(true) else { continue }
      result.otherwise = branch.value
      return result.branches.isEmpty ? branch.value : .conditional(result)
    }
    return result.branches.isEmpty ? result.otherwise : .conditional(result)
  }
}
