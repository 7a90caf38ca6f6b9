import Columns

/// Turns expressions into nodes; parts without columns become constants.
struct ExprCompiler {
  let session: SessionContext

  func node(_ expr: Expr) throws -> any ExprNode {
    let node = try unfolded(expr)
    guard node.columns.isEmpty, !(node is ConstantNode) else { return node }
    // A constant that cannot be computed is an error only for rows that need it.
    guard let vector = try? node.evaluate(ColumnBatch(fields: [], columns: [], rows: 1)) else { return node }
    return ConstantNode(Vector(vector.column, vector.type, isConstant: true))
  }

  private func unfolded(_ expr: Expr) throws -> any ExprNode {
    switch expr {
    case .column(let index, let type): return ColumnNode(index: index, type: type)
    case .literal(let value, let type):
      guard let column = Column.constant(value, type, count: 1) else {
        throw QueryError("a literal that is not of type \(type.sqlName)")
      }
      return ConstantNode(Vector(column, type, isConstant: true))
    case .call(let call): return try self.call(call)
    case .cast(let cast):
      let operand = try node(cast.value)
      if operand.type == cast.type { return operand }
      guard let overload = Casts.overload(from: operand.type, to: cast.type, isTry: cast.isTry) else {
        throw QueryError(
          "cannot cast \(operand.type.sqlName) to \(cast.type.sqlName)", position: cast.position)
      }
      return FunctionNode(overload, [operand], cast.type, session, position: cast.position)
    case .and(let operands): return LogicNode(try operands.map(node), decisive: false)
    case .or(let operands): return LogicNode(try operands.map(node), decisive: true)
    case .not(let operand): return NotNode(operand: try node(operand))
    case .isNull(let operand): return IsNullNode(operand: try node(operand))
    case .conditional(let conditional):
      return ConditionalNode(
        try conditional.branches.map { (try node($0.condition), try node($0.value)) },
        otherwise: try node(conditional.otherwise), conditional.type)
    case .isIn(let operand, let list):
      let operand = try node(operand)
      return FunctionNode(Membership.overload(operand.type, list), [operand], .bool, session, position: -1)
    case .field(let operand, let index, let type):
      return FieldNode(operand: try node(operand), index: index, type: type)
    case .listQuery(let query): return try ListQueryNode(query, self)
    case .subquery(let index, _): throw QueryError("subquery \(index) has no result yet")
    }
  }

  private func call(_ call: FunctionCall) throws -> any ExprNode {
    let arguments = try call.arguments.map(node)
    let types = arguments.map(\.type)
    var resolved: ResolvedFunction
    do {
      resolved = try Functions.resolve(call.name, argumentTypes: types)
    } catch {
      throw QueryError(error.message, position: call.position, hint: error.hint)
    }
    guard resolved.arguments == types, resolved.result == call.type else {
      throw QueryError(
        "\(call.name) was bound to \(call.type.sqlName), but is \(resolved.result.sqlName) here",
        position: call.position)
    }
    return FunctionNode(resolved.overload, arguments, call.type, session, position: call.position)
  }
}
