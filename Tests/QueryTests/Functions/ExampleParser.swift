import Basics
import Columns
import Query

/// Reads the small expressions of examples and tests: literals, `type 'text'`, calls, operators, `::type`, ARRAY[…], CASE-free.
/// SQL's own parser needs the target above this one.
struct ExampleParser {
  private let text: [Character]
  private var position = 0
  private let columns: [String: Expr]

  private init(_ text: String, _ columns: [String: Expr]) {
    self.text = Array(text)
    self.columns = columns
  }

  static func parse(_ text: String, columns: [String: Expr] = [:]) throws -> Expr {
    var parser = ExampleParser(text, columns)
    let value = try parser.expression(0)
    parser.skipSpace()
    guard parser.position == parser.text.count else { throw parser.fault("the end") }
    return value.expr
  }

  /// nil type: an untyped literal.
  private struct Typed {
    var expr: Expr
    var type: ColumnType?
  }

  private func fault(_ expected: String) -> QueryError {
    QueryError("expected \(expected) at \(position) of \(String(text))")
  }

  private mutating func skipSpace() { while position < text.count, text[position] == " " { position += 1 } }

  private mutating func take(_ token: String) -> Bool {
    skipSpace()
    guard text[position...].starts(with: token) else { return false }
    position += token.count
    return true
  }

  private static let operators: [(String, Int)] = [
    ("is not distinct from", 3), ("is distinct from", 3), ("similar to", 3),
    ("->>", 5), ("#>>", 5), ("!~~*", 5), ("~~*", 5), ("!~~", 5), ("!~*", 5), ("<=", 3), (">=", 3), ("<>", 3),
    ("->", 5), ("#>", 5),
    ("<<", 5), (">>", 5), ("~~", 5), ("~*", 5), ("!~", 5), ("||", 5), ("=", 3), ("<", 3), (">", 3), ("~", 5),
    ("&", 5), ("|", 5),
    ("#", 5), ("+", 6), ("-", 6), ("*", 7), ("/", 7), ("%", 7), ("^", 8), ("^@", 5), ("@>", 5), ("?", 5),
  ]

  private mutating func expression(_ minimum: Int) throws -> Typed {
    var left = try unary()
    while true {
      skipSpace()
      guard
        let (name, rank) = Self.operators.filter({ text[position...].starts(with: $0.0) })
          .max(by: { $0.0.count < $1.0.count }), rank >= minimum
      else { return left }
      position += name.count
      left = try call(name, [left, try expression(rank + 1)])
    }
  }

  private mutating func unary() throws -> Typed {
    skipSpace()
    if position + 1 < text.count, text[position] == "-", text[position + 1].isNumber {
      position += 1
      return try postfix(try number(isNegative: true))
    }
    for name in ["-", "~", "|/", "@"] where take(name) { return try call(name, [try unary()]) }
    return try postfix(try primary())
  }

  private mutating func postfix(_ value: Typed) throws -> Typed {
    var value = value
    while true {
      if take("::") {
        value = Typed(expr: try cast(value, try type()), type: nil)
        value.type = value.expr.type
      } else if take("[") {
        let index = try expression(0)
        if take(":") {
          let end = try expression(0)
          value = try call("list_slice", [value, index, end])
        } else {
          value = try call("[]", [value, index])
        }
        guard take("]") else { throw fault("]") }
      } else {
        return value
      }
    }
  }

  private mutating func primary() throws -> Typed {
    skipSpace()
    guard position < text.count else { throw fault("a value") }
    if take("(") {
      let value = try expression(0)
      guard take(")") else { throw fault(")") }
      return value
    }
    if text[position].isNumber { return try number(isNegative: false) }
    if text[position] == "'" { return Typed(expr: .literal(.string(try string()), .string), type: nil) }
    let name = word()
    switch name.lowercased() {
    case "true": return Typed(expr: .literal(.bool(true), .bool), type: .bool)
    case "false": return Typed(expr: .literal(.bool(false), .bool), type: .bool)
    case "null": return Typed(expr: .literal(.null, .string), type: nil)
    case "array":
      guard take("[") else { throw fault("[") }
      let items = try list("]")
      let type = ColumnType.common(items.map(\.type)) ?? .string
      return try call("list_value", try items.map { Typed(expr: try cast($0, type), type: type) })
    default: break
    }
    if let column = columns[name] { return Typed(expr: column, type: column.type) }
    if take("(") { return try call(name.lowercased(), try list(")")) }
    skipSpace()
    if position < text.count, text[position] == "'", let type = Self.types[name.lowercased()] {
      return Typed(expr: try cast(Typed(expr: .literal(.string(try string()), .string)), type), type: type)
    }
    throw fault("a value")
  }

  private mutating func list(_ end: String) throws -> [Typed] {
    var items: [Typed] = []
    if take(end) { return items }
    while true {
      items.append(try expression(0))
      if take(end) { return items }
      guard take(",") else { throw fault(end) }
    }
  }

  private mutating func word() -> String {
    let start = position
    while position < text.count, text[position].isLetter || text[position].isNumber || text[position] == "_" {
      position += 1
    }
    return String(text[start..<position])
  }

  private mutating func string() throws -> String {
    var result = ""
    position += 1
    while position < text.count {
      if text[position] == "'" {
        if position + 1 < text.count, text[position + 1] == "'" { position += 1 } else { break }
      }
      result.append(text[position])
      position += 1
    }
    guard position < text.count else { throw fault("'") }
    position += 1
    return result
  }

  private mutating func number(isNegative: Bool) throws -> Typed {
    let start = position
    while position < text.count,
      text[position].isNumber || ".e".contains(text[position])
        || text[position] == "-" && text[position - 1] == "e"
    {
      position += 1
    }
    let digits = (isNegative ? "-" : "") + String(text[start..<position])
    if let value = Int32(digits) { return Typed(expr: .literal(.int(Int64(value)), .int32), type: .int32) }
    if let value = Int64(digits) { return Typed(expr: .literal(.int(value), .int64), type: .int64) }
    if digits.contains("e"), let value = Double(digits) {
      return Typed(expr: .literal(.double(value), .double), type: .double)
    }
    let parts = digits.split(separator: ".")
    guard parts.count == 2, let value = Int128(parts[0] + parts[1]) else { throw fault("a number") }
    let whole = parts[0].drop { $0 == "-" || $0 == "0" }
    let type = ColumnType.decimal(precision: max(1, whole.count + parts[1].count), scale: parts[1].count)
    return Typed(expr: .literal(.decimal(value), type), type: type)
  }

  static let types: [String: ColumnType] = [
    "boolean": .bool, "smallint": .int16, "integer": .int32, "int": .int32, "bigint": .int64, "real": .float,
    "double": .double, "text": .string, "bytea": .binary, "date": .date, "timestamp": .timestamp,
    "timestamptz": .timestampTZ, "interval": .interval, "json": .json,
  ]

  private mutating func type() throws -> ColumnType {
    skipSpace()
    let name = word().lowercased()
    var type: ColumnType
    if name == "decimal" || name == "numeric" {
      guard take("("), let precision = Int(word()), take(","), let scale = Int(word()), take(")") else {
        throw fault("decimal(p,s)")
      }
      type = .decimal(precision: precision, scale: scale)
    } else {
      guard let known = Self.types[name] else { throw fault("a type") }
      type = known
      if name == "double" { _ = take("precision") }
    }
    while take("[]") { type = .list(type) }
    return type
  }

  private func cast(_ value: Typed, _ type: ColumnType) throws -> Expr {
    if value.expr.type == type { return value.expr }
    if case .literal(.null, _) = value.expr { return .literal(.null, type) }
    return .cast(Cast(value.expr, type))
  }

  private func call(_ name: String, _ arguments: [Typed]) throws -> Typed {
    if name == "coalesce" {
      let type = ColumnType.common(arguments.map(\.type)) ?? .string
      let values = try arguments.map { try cast($0, type) }
      let branches = values.dropLast().map { Conditional.Branch(.not(.isNull($0)), $0) }
      let expr = Expr.conditional(Conditional(branches, otherwise: values[values.count - 1], type))
      return Typed(expr: expr, type: type)
    }
    let resolved = try Functions.resolve(name, argumentTypes: arguments.map(\.type))
    let values = try zip(arguments, resolved.arguments).map { try cast($0, $1) }
    return Typed(expr: .call(FunctionCall(name, values, resolved.result)), type: resolved.result)
  }
}

extension ExampleParser {
  static let session = SessionContext(now: 1_764_500_000_123_456)

  /// The text of an expression's value; NULL for null.
  static func text(_ example: String, timeZone: String = "UTC") throws -> String {
    var session = session
    session.timeZone = timeZone
    let expr = try parse(example)
    let value = try Evaluator.constant(expr, session: session) ?? .null
    return value.isNull ? "NULL" : try ValueText(timeZone: timeZone).text(value, expr.type)
  }
}
