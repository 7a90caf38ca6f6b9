import Columns
import Query

extension Binder {
  /// A literal. Digits are an integer of the smallest type that holds them, a decimal with a point is exact, an exponent makes a
  /// double.
  func constant(_ node: SyntaxNode) throws -> Typed {
    var bound = try self.literal(node)
    bound.position = node.location >= 0 ? node.location : nil
    return bound
  }

  private func literal(_ node: SyntaxNode) throws -> Typed {
    if node.flag("isnull") { return .null }
    if let text = node.node("sval") {
      return Typed(.literal(.string(text.text("sval") ?? ""), .string), isUntyped: true)
    }
    if let flag = node.node("boolval") { return Typed(.literal(.bool(flag.flag("boolval")), .bool)) }
    if let integer = node.node("ival") {
      let value =
        integer.has("ival") ? integer.number("ival") : parser.tokens.negativeNumber(at: node.location)
      return Typed(.literal(.int(Int64(value)), .int32))
    }
    if let number = node.node("fval") { return Typed(try numeric(number.text("fval") ?? "", node)) }
    throw error("bit strings are not supported; write bytes as '\\x…'::bytea", node)
  }

  private func numeric(_ text: String, _ node: SyntaxNode) throws -> Expr {
    if let integer = Int64(text) { return .literal(.int(integer), .int64) }
    if text.contains(where: { $0 == "e" || $0 == "E" }) {
      guard let value = Double(text), value.isFinite else { throw error("\(text) is out of range", node) }
      return .literal(.double(value), .double)
    }
    let isNegative = text.hasPrefix("-")
    let parts = text.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
    let whole = parts[0].drop { $0 == "0" }
    let fraction = parts.count > 1 ? parts[1] : ""
    guard whole.count + fraction.count <= 38, let digits = Int128("0" + whole + fraction) else {
      throw error("the number has more than 38 digits", node)
    }
    let precision = max(1, whole.count + fraction.count)
    return .literal(
      .decimal(isNegative ? -digits : digits), .decimal(precision: precision, scale: fraction.count))
  }

  /// `current_date` and its like.
  func valueFunction(_ node: SyntaxNode) throws -> Typed {
    let now = try call("now", [], node.location)
    switch node.text("op") {
    case "SVFOP_CURRENT_DATE":
      return Typed(try coerce(now, to: .date, node.location), name: "current_date")
    case "SVFOP_CURRENT_TIMESTAMP", "SVFOP_CURRENT_TIMESTAMP_N":
      return Typed(now.expr, name: "current_timestamp")
    case "SVFOP_LOCALTIMESTAMP", "SVFOP_LOCALTIMESTAMP_N":
      return Typed(try coerce(now, to: .timestamp, node.location), name: "localtimestamp")
    default:
      throw error(
        "of the functions without parentheses, only current_date, current_timestamp and localtimestamp are known",
        node)
    }
  }

  /// A non-negative integer without columns, for LIMIT; nil for NULL and ALL.
  func count(_ node: SyntaxNode, _ clause: String) throws -> Int? {
    let bound = try bind(node, Rows(.oneRow, outer: nil, clause: clause))
    guard bound.isUntyped || bound.expr.type.isInteger else {
      throw error("\(clause) needs an integer, not \(bound.expr.type.sqlName)", node)
    }
    let value = try coerce(bound, to: .int64, node.nearestLocation)
    switch try computed(value, node.nearestLocation) {
    case .literal(.null, _): return nil
    case .literal(.int(let count), _):
      guard count >= 0 else { throw error("\(clause) must not be negative", node) }
      return Int(count)
    default: throw error("\(clause) needs a constant", node)
    }
  }
}
