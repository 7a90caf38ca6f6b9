import Columns

struct ColumnNode: ExprNode {
  let index: Int
  let type: ColumnType
  var columns: Set<Int> { [index] }
  var canFail: Bool { false }

  func evaluate(_ batch: ColumnBatch) throws -> Vector {
    guard batch.columns.indices.contains(index) else {
      throw QueryError("column \(index) of a batch with \(batch.columns.count) columns")
    }
    return Vector(batch.columns[index], type)
  }
}

struct ConstantNode: ExprNode {
  let vector: Vector
  var type: ColumnType { vector.type }
  var columns: Set<Int> { [] }
  var canFail: Bool { false }

  init(_ vector: Vector) { self.vector = vector }

  func evaluate(_ batch: ColumnBatch) throws -> Vector { vector }
}

struct NotNode: ExprNode {
  let operand: any ExprNode
  var type: ColumnType { .bool }
  var columns: Set<Int> { operand.columns }
  var canFail: Bool { operand.canFail }

  func evaluate(_ batch: ColumnBatch) throws -> Vector {
    let vector = try operand.evaluate(batch)
    guard case .bool(let flags) = vector.column.values else {
      throw QueryError("NOT of \(operand.type.sqlName)")
    }
    let column = Column(.bool(flags.map { !$0 }), validity: vector.column.validity).zeroingNulls()
    return Vector(column, .bool, isConstant: vector.isConstant)
  }
}

struct IsNullNode: ExprNode {
  let operand: any ExprNode
  var type: ColumnType { .bool }
  var columns: Set<Int> { operand.columns }
  var canFail: Bool { operand.canFail }

  func evaluate(_ batch: ColumnBatch) throws -> Vector {
    let vector = try operand.evaluate(batch)
    guard let validity = vector.column.validity else {
      return Vector(Column(.bool([false])), .bool, isConstant: true)
    }
    return Vector(Column(.bool(validity.map { !$0 })), .bool, isConstant: vector.isConstant)
  }
}

/// A field of a struct.
struct FieldNode: ExprNode {
  let operand: any ExprNode
  let index: Int
  let type: ColumnType
  var columns: Set<Int> { operand.columns }
  var canFail: Bool { operand.canFail }

  func evaluate(_ batch: ColumnBatch) throws -> Vector {
    let vector = try operand.evaluate(batch)
    guard case .structure(let fields, _) = vector.column.values, fields.indices.contains(index) else {
      throw QueryError("field \(index) of \(operand.type.sqlName)")
    }
    let column = fields[index].masked(vector.column.validity).zeroingNulls()
    return Vector(column, type, isConstant: vector.isConstant)
  }
}
