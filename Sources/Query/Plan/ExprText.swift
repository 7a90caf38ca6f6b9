import Columns

/// An expression as people read it, close to SQL.
package struct ExprText {
  /// Of the columns that it refers to.
  package let names: [String]

  package init(names: [String]) { self.names = names }

  package func text(_ expr: Expr) -> String {
    switch expr {
    case .column(let index, _): return name(index)
    case .literal(let value, let type): return literal(value, type)
    case .call(let call): return self.call(call)
    case .cast(let cast):
      return "\(cast.isTry ? "try_cast" : "cast")(\(text(cast.value)) as \(cast.type.sqlName))"
    case .and(let operands): return operands.map(nested).joined(separator: " and ")
    case .or(let operands): return operands.map(nested).joined(separator: " or ")
    case .not(.isNull(let operand)): return nested(operand) + " is not null"
    case .not(let operand): return "not " + nested(operand)
    case .isNull(let operand): return nested(operand) + " is null"
    case .conditional(let conditional):
      let branches = conditional.branches.map { "when \(text($0.condition)) then \(text($0.value))" }
      return "case \(branches.joined(separator: " ")) else \(text(conditional.otherwise)) end"
    case .isIn(let operand, let list):
      var values = list.values.prefix(10).map { literal($0, operand.type) }
      if list.values.count > 10 { values.append("… (\(list.values.count))") }
      if list.hasNull { values.append("null") }
      return "\(nested(operand)) in (\(values.joined(separator: ", ")))"
    case .field(let operand, let index, _):
      guard case .structure(let fields) = operand.type, index < fields.count else { return nested(operand) }
      return "\(nested(operand)).\(fields[index].name)"
    case .listQuery(let query): return listQuery(query)
    case .subquery(let index, _): return "subquery \(index + 1)"
    }
  }

  private func name(_ index: Int) -> String {
    if index >= Expr.elementBase { return (index - Expr.elementBase) % 2 == 0 ? "element" : "ordinality" }
    return index < names.count ? names[index] : "column \(index + 1)"
  }

  private func nested(_ expr: Expr) -> String {
    switch expr {
    case .and, .or, .not, .isNull, .isIn: return "(\(text(expr)))"
    case .call(let call) where !(call.name.first?.isLetter ?? true): return "(\(text(expr)))"
    default: return text(expr)
    }
  }

  private func call(_ call: FunctionCall) -> String {
    let isOperator = !(call.name.first?.isLetter ?? true)
    if isOperator, call.arguments.count == 2 {
      return "\(nested(call.arguments[0])) \(call.name) \(nested(call.arguments[1]))"
    }
    if isOperator, call.arguments.count == 1 { return call.name + nested(call.arguments[0]) }
    return "\(call.name)(\(call.arguments.map(text).joined(separator: ", ")))"
  }

  private func listQuery(_ query: ListQuery) -> String {
    let value = text(query.value)
    let result =
      switch query.result {
      case .single: value
      case .first: "first \(value)"
      case .count: "count(*)"
      case .aggregate(let name): "\(name)(\(value))"
      case .exists: "exists"
      }
    return "(\(result) of \(text(query.list))" + (query.filter.map { " where " + text($0) } ?? "") + ")"
  }

  /// Texts in quotes, other values as a cast to text shows them.
  private func literal(_ value: ScalarValue, _ type: ColumnType) -> String {
    switch value {
    case .null: return "null"
    case .bool(let flag): return flag ? "true" : "false"
    case .bytes(let bytes) where type != .binary:
      return "'" + String(decoding: bytes, as: UTF8.self).replacing("'", with: "''") + "'"
    case .int(let number) where type.isInteger: return "\(number)"
    case .double(let number): return "\(number)"
    case .float(let number): return "\(number)"
    default:
      let cast = Expr.cast(Cast(.literal(value, type), .string))
      guard case .bytes(let bytes)? = try? Evaluator.constant(cast, session: SessionContext(now: 0)) else {
        return type.sqlName
      }
      let text = String(decoding: bytes, as: UTF8.self)
      if case .decimal = type { return text }
      return "\(type.sqlName) '\(text)'"
    }
  }
}
