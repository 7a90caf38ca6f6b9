import Basics
import Columns
import Query

extension Binder {
  static let typeNames: [String: ColumnType] = [
    "bool": .bool, "boolean": .bool, "int2": .int16, "smallint": .int16, "int4": .int32, "int": .int32,
    "integer": .int32, "int8": .int64, "bigint": .int64, "float4": .float, "real": .float, "float8": .double,
    "double": .double, "text": .string, "varchar": .string, "bpchar": .string, "string": .string,
    "char": .string, "name": .string, "bytea": .binary, "blob": .binary, "date": .date,
    "timestamp": .timestamp, "datetime": .timestamp, "timestamptz": .timestampTZ, "interval": .interval,
    "json": .json, "jsonb": .json,
  ]

  /// The type that a name means.
  /// - Parameter source: The type of the value that is cast: `decimal` without digits keeps those of the value.
  func columnType(_ node: SyntaxNode, for source: ColumnType? = nil) throws -> ColumnType {
    let name = node.strings("names").last ?? ""
    var type: ColumnType
    if name == "numeric" || name == "decimal" {
      type = try decimalType(node, source)
    } else if let known = Self.typeNames[name] {
      type = known
    } else {
      let names = Self.typeNames.keys.sorted() + ["decimal"]
      throw error(
        "no type \"\(name)\"", node,
        hint: Nearest.name(to: name, among: names).map { "did you mean \($0)?" }
          ?? "there are boolean, smallint, integer, bigint, real, double precision, decimal, text, bytea, date, timestamp, timestamptz, interval and json"
      )
    }
    for _ in node.list("arrayBounds") { type = .list(type) }
    return type
  }

  private func decimalType(_ node: SyntaxNode, _ source: ColumnType?) throws -> ColumnType {
    let digits = try node.list("typmods").map { try count($0, "decimal") ?? -1 }
    guard let precision = digits.first else {
      switch source {
      case .decimal: return source ?? .decimal(precision: 38, scale: 9)
      case .int16, .int32, .int64: return source?.asDecimal ?? .decimal(precision: 38, scale: 0)
      default: return .decimal(precision: 38, scale: 9)
      }
    }
    let scale = digits.count > 1 ? digits[1] : 0
    guard (1...38).contains(precision), (0...precision).contains(scale) else {
      throw error(
        "decimal(\(precision),\(scale)) needs 1 to 38 digits, of which at most all after the point", node)
    }
    return .decimal(precision: precision, scale: scale)
  }

  /// The type that a text names, such as `decimal(10,2)` or `text[]`.
  /// - Throws: ``SQLError`` with positions in that text.
  static func columnType(named name: String, _ shared: SharedBinding) throws -> ColumnType {
    let prefix = "SELECT NULL::"
    let parser = try Parser(prefix + name)
    guard case .query(let node)? = try parser.statements().first,
      let target = node.list("targetList").first?.node("val"), node.list("targetList").count == 1,
      !node.has("fromClause"), let type = target.node("typeName"), target.kind == "TypeCast"
    else { throw SQLError("\"\(name)\" is not a type", line: 1, column: 1) }
    return try Binder(parser, shared).columnType(type)
  }
}
