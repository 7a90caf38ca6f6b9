// The byte form of expressions, for plans on their way to workers. A function travels as its name; the worker looks it up.
import Basics
import Columns

extension Expr: WireCodable {
  /// Deeper expressions are refused: decoding and evaluation recurse.
  package static let deepest = 1500

  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .column(let index, let type):
      writer.integer(UInt8(0))
      writer.count(index)
      writer.value(type)
    case .literal(let value, let type):
      writer.integer(UInt8(1))
      writer.value(value)
      writer.value(type)
    case .call(let call):
      writer.integer(UInt8(2))
      writer.string(call.name)
      writer.list(call.arguments)
      writer.value(call.type)
      writer.integer(call.position)
    case .cast(let cast):
      writer.integer(UInt8(3))
      writer.value(cast.value)
      writer.value(cast.type)
      writer.bool(cast.isTry)
      writer.integer(cast.position)
    case .and(let operands):
      writer.integer(UInt8(4))
      writer.list(operands)
    case .or(let operands):
      writer.integer(UInt8(5))
      writer.list(operands)
    case .not(let operand):
      writer.integer(UInt8(6))
      writer.value(operand)
    case .isNull(let operand):
      writer.integer(UInt8(7))
      writer.value(operand)
    case .conditional(let conditional):
      writer.integer(UInt8(8))
      writer.list(conditional.branches.flatMap { [$0.condition, $0.value] })
      writer.value(conditional.otherwise)
      writer.value(conditional.type)
    case .isIn(let operand, let list):
      writer.integer(UInt8(9))
      writer.value(operand)
      writer.list(list.values)
      writer.bool(list.hasNull)
    case .field(let operand, let index, let type):
      writer.integer(UInt8(10))
      writer.value(operand)
      writer.count(index)
      writer.value(type)
    case .listQuery(let query):
      writer.integer(UInt8(11))
      query.encode(to: &writer)
    case .subquery(let index, let type):
      writer.integer(UInt8(12))
      writer.count(index)
      writer.value(type)
    }
  }

  package init(from reader: inout ByteReader) throws(WireError) { try self.init(from: &reader, depth: 0) }

  fileprivate init(from reader: inout ByteReader, depth: Int) throws(WireError) {
    guard depth < Self.deepest else { throw .invalid("an expression of over \(Self.deepest) levels") }
    let tag: UInt8 = try reader.integer()
    switch tag {
    case 0:
      let index = try reader.count()
      self = .column(index, try reader.value())
    case 1:
      let value: ScalarValue = try reader.value()
      self = .literal(value, try reader.value())
    case 2:
      let name = try reader.string()
      let arguments = try Self.list(&reader, depth)
      let type: ColumnType = try reader.value()
      self = .call(FunctionCall(name, arguments, type, position: try reader.integer()))
    case 3:
      let value = try Expr(from: &reader, depth: depth + 1)
      let type: ColumnType = try reader.value()
      let isTry = try reader.bool()
      self = .cast(Cast(value, type, isTry: isTry, position: try reader.integer()))
    case 4: self = .and(try Self.list(&reader, depth))
    case 5: self = .or(try Self.list(&reader, depth))
    case 6: self = .not(try Expr(from: &reader, depth: depth + 1))
    case 7: self = .isNull(try Expr(from: &reader, depth: depth + 1))
    case 8:
      let flat = try Self.list(&reader, depth)
      guard flat.count % 2 == 0 else { throw .invalid("a CASE with half a branch") }
      let branches = stride(from: 0, to: flat.count, by: 2).map {
        Conditional.Branch(flat[$0], flat[$0 + 1])
      }
      let otherwise = try Expr(from: &reader, depth: depth + 1)
      self = .conditional(Conditional(branches, otherwise: otherwise, try reader.value()))
    case 9:
      let operand = try Expr(from: &reader, depth: depth + 1)
      let values: [ScalarValue] = try reader.list()
      self = .isIn(operand, ValueList(values, hasNull: try reader.bool()))
    case 10:
      let operand = try Expr(from: &reader, depth: depth + 1)
      let index = try reader.count()
      self = .field(operand, index, try reader.value())
    case 11: self = .listQuery(try ListQuery(from: &reader, depth: depth))
    case 12:
      let index = try reader.count()
      self = .subquery(index, try reader.value())
    default: throw .invalid("expression number \(tag)")
    }
  }

  private static func list(_ reader: inout ByteReader, _ depth: Int) throws(WireError) -> [Expr] {
    let count = try reader.count()
    guard count <= reader.remaining else { throw .truncated(needed: count, available: reader.remaining) }
    var items: [Expr] = []
    while items.count < count { items.append(try Expr(from: &reader, depth: depth + 1)) }
    return items
  }
}

extension ListQuery {
  fileprivate func encode(to writer: inout ByteWriter) {
    writer.value(list)
    writer.optional(filter)
    writer.value(value)
    switch result {
    case .single: writer.integer(UInt8(0))
    case .first: writer.integer(UInt8(1))
    case .count: writer.integer(UInt8(2))
    case .exists: writer.integer(UInt8(3))
    case .aggregate(let name):
      writer.integer(UInt8(4))
      writer.string(name)
    }
    writer.value(type)
    writer.integer(position)
  }

  fileprivate init(from reader: inout ByteReader, depth: Int) throws(WireError) {
    let list = try Expr(from: &reader, depth: depth + 1)
    let filter = try reader.bool() ? try Expr(from: &reader, depth: depth + 1) : nil
    let value = try Expr(from: &reader, depth: depth + 1)
    let result: Result
    switch try reader.integer(UInt8.self) {
    case 0: result = .single
    case 1: result = .first
    case 2: result = .count
    case 3: result = .exists
    case 4: result = .aggregate(try reader.string())
    case let other: throw .invalid("result \(other) of a query over a list")
    }
    let type: ColumnType = try reader.value()
    self.init(
      list: list, filter: filter, value: value, result: result, type: type, position: try reader.integer())
  }
}
