import Columns
import Query

extension Binder {
  /// `x::t`, `CAST(x AS t)`, `t 'text'`, and `try_cast(x AS t)`, which the parser has turned into the second.
  func typeCast(_ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    guard let argument = node.node("arg"), let name = node.node("typeName") else {
      throw error("a cast needs a value and a type", node)
    }
    let position = node.location >= 0 ? node.location : name.location
    let isTry = parser.tryCasts.contains(node.location)
    var value = try bind(argument, rows)
    let type = try columnType(name, for: value.type ?? literalNumber(value))
    if type == .interval, value.isUntyped, let unit = intervalUnit(name) {
      value = Self.number(value, of: unit)
    }
    let outputName = value.name ?? name.strings("names").last
    if case .literal(.null, _) = value.expr { return Typed(.literal(.null, type), name: outputName) }
    var expr = value.expr
    if expr.type != type {
      guard Casts.overload(from: expr.type, to: type, isTry: isTry) != nil else {
        throw error("cannot cast \(expr.type.sqlName) to \(type.sqlName)", position)
      }
      expr = try fold(.cast(Cast(expr, type, isTry: isTry, position: mark(position))), position)
    }
    if let length = try textLength(name, type) {
      expr = try call("left", [Typed(expr), Typed(.literal(.int(Int64(length)), .int32))], position).expr
    }
    return Typed(expr, name: outputName)
  }

  /// The type of the number that an untyped literal spells, for `'1.5'::decimal`.
  private func literalNumber(_ value: Typed) -> ColumnType? {
    guard case .literal(.bytes(let bytes), _) = value.expr,
      let point = bytes.firstIndex(of: UInt8(ascii: ".")), bytes.count <= 38
    else { return nil }
    return .decimal(precision: 38, scale: bytes.count - point - 1)
  }

  /// The n of `varchar(n)`: an explicit cast cuts longer texts.
  private func textLength(_ name: SyntaxNode, _ type: ColumnType) throws -> Int? {
    guard type == .string, let length = name.list("typmods").first else {
      // char is char(1).
      return name.strings("names").last == "bpchar" && type == .string && name.strings("names").count > 1
        ? 1 : nil
    }
    guard let count = try count(length, "the length of a type"), count > 0 else {
      throw error("the length of a type must be at least 1", length)
    }
    return count
  }

  /// The unit of `INTERVAL '3' DAY`, from the bits that the grammar sets.
  private func intervalUnit(_ name: SyntaxNode) -> String? {
    guard let bits = name.list("typmods").first?.node("ival")?.number("ival") else { return nil }
    let units = [
      1 << 2: "year", 1 << 1: "month", 1 << 3: "day", 1 << 10: "hour", 1 << 11: "minute", 1 << 12: "second",
    ]
    return units[bits]
  }

  private static func number(_ value: Typed, of unit: String) -> Typed {
    guard case .literal(.bytes(let bytes), _) = value.expr else { return value }
    let text = String(decoding: bytes, as: UTF8.self)
    guard Double(text) != nil else { return value }
    return Typed(.literal(.string(text + " " + unit), .string), isUntyped: true, name: value.name)
  }

  /// The value of an expression without columns. A mistake in a constant is found before anything runs.
  func fold(_ expr: Expr, _ position: Int) throws -> Expr {
    guard !expr.allOperands.isEmpty, expr.allOperands.allSatisfy(\.isLiteral) else { return expr }
    return try computed(expr, position)
  }

  /// The value of an expression of any depth, if it has no columns and subqueries.
  func computed(_ expr: Expr, _ position: Int) throws -> Expr {
    guard !expr.isLiteral, !expr.contains(\.needsRows) else { return expr }
    do {
      guard let value = try Evaluator.constant(expr, session: shared.session) else { return expr }
      return .literal(value, expr.type)
    } catch let error as QueryError {
      throw self.error(error.message, position, hint: error.hint)
    }
  }
}

extension Expr {
  var needsRows: Bool {
    switch self {
    case .column, .subquery: true
    default: false
    }
  }

  var isLiteral: Bool { if case .literal = self { true } else { false } }
}
