import Columns

/// A call of a kernel: constants stay constants, nulls are combined once, and a function of one column of dictionary codes is
/// computed for the entries only.
struct FunctionNode: ExprNode {
  private let overload: Overload
  private let arguments: [any ExprNode]
  private let session: SessionContext
  private let position: Int32
  let type: ColumnType
  let columns: Set<Int>
  let canFail: Bool

  init(
    _ overload: Overload, _ arguments: [any ExprNode], _ type: ColumnType, _ session: SessionContext,
    position: Int32
  ) {
    self.overload = overload
    self.arguments = arguments
    self.type = type
    self.session = session
    self.position = position
    columns = arguments.reduce(into: []) { $0.formUnion($1.columns) }
    canFail = overload.errors != nil || arguments.contains { $0.canFail }
  }

  func evaluate(_ batch: ColumnBatch) throws -> Vector {
    let vectors = try arguments.map { try $0.evaluate(batch) }
    do {
      return try call(vectors, rows: batch.rows)
    } catch var error as QueryError {
      if error.position < 0 { error.position = position }
      throw error
    }
  }

  private func call(_ vectors: [Vector], rows: Int) throws -> Vector {
    if vectors.allSatisfy(\.isConstant) {
      return Vector(try kernel(vectors, rows: 1), type, isConstant: true)
    }
    guard case .strict = overload.nulls else { return Vector(try kernel(vectors, rows: rows), type) }
    if vectors.contains(where: { $0.isConstant && $0.column.isNull(0) }) {
      return Vector(.nulls(type, count: 1), type, isConstant: true)
    }
    let varying = vectors.indices.filter { !vectors[$0].isConstant }
    if varying.count == 1, case .dictionary(let column) = vectors[varying[0]].column.values,
      column.entries.count <= rows,
      let result = onEntries(column, vectors, varying[0])
    {
      return Vector(result, type)
    }
    return Vector(try kernel(vectors, rows: rows), type)
  }

  /// - Returns: nil if the function fails for an entry: it may be one that no row uses.
  private func onEntries(_ column: DictionaryColumn, _ vectors: [Vector], _ index: Int) -> Column? {
    var onEntries = vectors
    onEntries[index].column = Column(.bytes(column.entries))
    guard let entries = try? kernel(onEntries, rows: column.entries.count) else { return nil }
    let validity = vectors[index].column.validity
    if case .bytes(let strings) = entries.values {
      let flags = entries.validity.map { flags in column.indices.map { flags[Int($0)] } }
      let values = ColumnValues.dictionary(DictionaryColumn(indices: column.indices, entries: strings))
      return Column(values, validity: flags).masked(validity)
    }
    return entries.gather(column.indices).masked(validity).zeroingNulls()
  }

  private func kernel(_ vectors: [Vector], rows: Int) throws -> Column {
    var validity: [Bool]?
    if case .strict = overload.nulls {
      for vector in vectors {
        guard let flags = vector.column.validity else { continue }
        // All arguments of a constant call have one row; other constants are not null.
        if flags.count != rows { continue }
        validity = validity.map { Column.both($0, flags) } ?? flags
      }
    }
    let column = try overload.evaluate(
      Arguments(vectors, rows: rows, type: type, session: session, validity: validity))
    return column.masked(validity)
  }
}
