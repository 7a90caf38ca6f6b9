import Columns
import Query

extension Binder {
  /// `value IN (list)`. A list of constants becomes a set; the rest is compared one by one.
  func inList(_ node: SyntaxNode, _ items: [SyntaxNode], _ rows: Rows) throws -> Expr {
    guard let subject = node.node("lexpr") else { throw error("IN needs a value", node.location) }
    if subject.kind == "RowExpr" { return try inRows(node, subject, items, rows) }
    let bound = try ([subject] + items).map { (try bind($0, rows), $0) }
    let values = try unify(bound, "IN")
    return try isIn(values[0], Array(values.dropFirst()), node.location)
  }

  private func isIn(_ value: Expr, _ items: [Expr], _ position: Int) throws -> Expr {
    var constants: [ScalarValue] = []
    var seen: Set<ScalarValue> = []
    var hasNull = false
    var others: [Expr] = []
    for item in items {
      let item = try computed(item, position)
      guard case .literal(let constant, _) = item, isSetMember(constant) else {
        others.append(try binary("=", Typed(value), Typed(item), position).expr)
        continue
      }
      if constant.isNull {
        hasNull = true
      } else if seen.insert(constant).inserted {
        constants.append(constant)
      }
    }
    // Without an operator for the type, there is no IN either.
    _ = try binary("=", Typed(value), Typed(value), position)
    if others.isEmpty { return .isIn(value, ValueList(constants, hasNull: hasNull)) }
    if constants.isEmpty, !hasNull { return others.count == 1 ? others[0] : .or(others) }
    return .or([.isIn(value, ValueList(constants, hasNull: hasNull))] + others)
  }

  /// Zero and NaN of floating-point numbers equal values of other bits; lists and structs have no set.
  private func isSetMember(_ value: ScalarValue) -> Bool {
    switch value {
    case .float(let number): !number.isNaN && number != 0
    case .double(let number): !number.isNaN && number != 0
    case .list, .structure, .interval: false
    default: true
    }
  }

  /// `(a, b) IN ((1, 2), …)`
  private func inRows(
    _ node: SyntaxNode, _ subject: SyntaxNode, _ items: [SyntaxNode], _ rows: Rows
  ) throws -> Expr {
    let subjects = subject.list("args")
    let columns = try subjects.indices.map { column in
      let parts = try items.map { item in
        guard item.kind == "RowExpr", item.list("args").count == subjects.count else {
          throw error("IN needs \(subjects.count) values here", item)
        }
        return item.list("args")[column]
      }
      return try unify(try ([subjects[column]] + parts).map { (try bind($0, rows), $0) }, "IN")
    }
    let matches = try items.indices.map { item in
      Expr.conjunction(
        try columns.map { try binary("=", Typed($0[0]), Typed($0[item + 1]), node.location).expr }) ?? .yes
    }
    return matches.count == 1 ? matches[0] : .or(matches)
  }

  /// `x = ANY(list)`, `x > ALL(list)`.
  func quantified(_ node: SyntaxNode, _ name: String, _ rows: Rows) throws -> Expr {
    guard let left = node.node("lexpr"), let right = node.node("rexpr") else {
      throw error("an operand is missing", node.location)
    }
    let isAny = node.text("kind") == "AEXPR_OP_ANY"
    let word = isAny ? "ANY" : "ALL"
    if right.kind == "A_ArrayExpr" {
      let items = right.list("elements")
      if isAny, name == "=", !items.isEmpty { return try inList(node, items, rows) }
      let value = try bind(left, rows)
      let tests = try items.map { try binary(name, value, try bind($0, rows), node.location).expr }
      guard tests.count > 1 else { return tests.first ?? (isAny ? .no : .yes) }
      return isAny ? .or(tests) : .and(tests)
    }
    let list = try bind(right, rows)
    guard !list.isUntyped, case .list(let element) = list.expr.type else {
      throw error("\(word) needs a list, not \(list.expr.type.sqlName)", right)
    }
    let item = Expr.column(Expr.elementBase + 2 * rows.listLevel, element)
    let test = try binary(name, try bind(left, rows), Typed(item), node.location).expr
    // True if an element decides, else null if one is null.
    let decides = isAny ? test : .not(test)
    func exists(_ filter: Expr) -> Expr {
      .listQuery(
        ListQuery(
          list: list.expr, filter: filter, value: .yes, result: .exists, type: .bool,
          position: mark(node.location)))
    }
    return .conditional(
      Conditional(
        [
          .init(.isNull(list.expr), .literal(.null, .bool)), .init(exists(decides), isAny ? .yes : .no),
          .init(exists(.isNull(test)), .literal(.null, .bool)),
        ], otherwise: isAny ? .no : .yes, .bool))
  }

  /// `ARRAY[1, 2]`
  func array(_ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    let items = node.list("elements")
    let values = try unify(try items.map { (try bind($0, rows), $0) }, "ARRAY")
    let element = values.first?.type ?? .string
    var result = try call("list_value", values.map { Typed($0) }, node.location)
    if values.isEmpty { result.expr = try fold(.cast(Cast(result.expr, .list(element))), node.location) }
    result.name = "array"
    return result
  }

  /// `ROW(1, 2)`: a struct with the fields f1, f2 …
  func row(_ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    let values = try node.list("args").map { try bind($0, rows) }
    guard !values.isEmpty else { throw error("ROW needs a value", node) }
    var result = try call("row", values, node.location)
    result.name = "row"
    return result
  }

  /// `(value).field[1]`
  func indirection(_ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    guard let argument = node.node("arg") else { throw error("an operand is missing", node) }
    let position = node.nearestLocation
    var value = try bind(argument, rows)
    for step in node.list("indirection") {
      switch step.kind {
      case "String":
        value = try fields([WrittenName(text: step.string ?? "", isQuoted: false)], of: value, position)
      case "A_Indices":
        let name = value.name
        if step.flag("is_slice") {
          let low = try step.node("lidx").map { try bind($0, rows) } ?? Typed(.literal(.int(1), .int64))
          let high = try step.node("uidx").map { try bind($0, rows) } ?? Typed(.literal(.int(.max), .int64))
          value = try call("list_slice", [value, low, high], position)
        } else {
          guard let index = step.node("uidx") else { throw error("an index is missing", position) }
          value = try call("[]", [value, try bind(index, rows)], position)
        }
        value.name = name
      default: throw error("* is not allowed here", position)
      }
    }
    return value
  }
}
