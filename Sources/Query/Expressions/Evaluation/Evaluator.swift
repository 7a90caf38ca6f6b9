import Columns

/// An expression made ready to be evaluated on batches. Used by several threads at once.
package struct Evaluator: Sendable {
  private let root: any ExprNode

  /// - Throws: ``QueryError`` for a function that this version does not have, or types that do not fit.
  package init(_ expr: Expr, session: SessionContext) throws {
    root = try ExprCompiler(session: session).node(expr)
  }

  package var type: ColumnType { root.type }

  /// - Throws: ``QueryError``, with its row, if a value cannot be computed.
  package func evaluate(_ batch: ColumnBatch) throws -> Vector {
    if batch.rows == 0 { return Vector(Column(.zeros(root.type, count: 0)), root.type) }
    return try root.evaluate(batch)
  }

  /// One value for each row.
  package func column(_ batch: ColumnBatch) throws -> Column { try evaluate(batch).expanded(batch.rows) }

  /// The rows for which the expression, of type boolean, is true.
  package func filter(_ batch: ColumnBatch) throws -> [UInt32] {
    batch.rows == 0 ? [] : try root.filter(batch)
  }

  /// The value of an expression without columns; nil if it has columns.
  /// - Throws: ``QueryError`` if it cannot be computed.
  package static func constant(_ expr: Expr, session: SessionContext) throws -> ScalarValue? {
    let node = try ExprCompiler(session: session).node(expr)
    guard node.columns.isEmpty else { return nil }
    return try node.evaluate(ColumnBatch(fields: [], columns: [], rows: 1)).column.scalar(0, node.type)
  }
}

/// A compiled expression.
protocol ExprNode: Sendable {
  var type: ColumnType { get }
  /// The columns of the input that it reads.
  var columns: Set<Int> { get }
  /// Whether its evaluation may throw; a node that cannot fail may be evaluated on rows that do not need it.
  var canFail: Bool { get }
  /// - Parameter batch: Has at least one row; columns that the node does not read may be empty.
  func evaluate(_ batch: ColumnBatch) throws -> Vector
  func filter(_ batch: ColumnBatch) throws -> [UInt32]
}

extension ExprNode {
  func filter(_ batch: ColumnBatch) throws -> [UInt32] {
    let vector = try evaluate(batch)
    guard case .bool(let flags) = vector.column.values else {
      throw QueryError("a condition must be boolean, not \(type.sqlName)")
    }
    if vector.isConstant {
      return flags[0] && !vector.column.isNull(0) ? (0..<UInt32(batch.rows)).map { $0 } : []
    }
    // A null holds false.
    return [UInt32](unsafeUninitializedCapacity: flags.count) { target, count in
      flags.withUnsafeBufferPointer { flags in
        for row in 0..<flags.count {
          target[count] = UInt32(truncatingIfNeeded: row)
          count &+= flags[row] ? 1 : 0
        }
      }
    }
  }

  /// Evaluates on some rows of a batch.
  func evaluate(_ batch: ColumnBatch, on rows: [UInt32]) throws -> Vector {
    if rows.count == batch.rows { return try evaluate(batch) }
    do {
      return try evaluate(restricted(batch, rows))
    } catch let error as QueryError {
      throw error.mapped(rows)
    }
  }

  /// The batch with only some rows, and only the columns that the node reads.
  func restricted(_ batch: ColumnBatch, _ rows: [UInt32]) -> ColumnBatch {
    let unused = Column(.bool([]))
    let used = columns
    let width = batch.columns.count
    let kept = batch.columns.indices.map { index in
      used.contains(index) || used.contains(index - width) ? batch.columns[index].gather(rows) : unused
    }
    return ColumnBatch(fields: batch.fields, columns: kept, rows: rows.count)
  }
}

extension QueryError {
  /// The error of a batch that consists of these rows of another batch.
  func mapped(_ rows: [UInt32]) -> QueryError {
    var error = self
    if let row, rows.indices.contains(row) { error.row = Int(rows[row]) }
    return error
  }
}
