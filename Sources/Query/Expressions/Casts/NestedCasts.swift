import Columns

/// Casts of lists and structs, element by element.
enum NestedCasts {
  static func list(_ cast: CastArguments, _ from: ColumnType, _ to: ColumnType) throws -> Column {
    let vector = cast.arguments.vectors[0]
    let column = vector.expanded(cast.arguments.rows)
    guard case .list(let lists) = column.values else { throw cast.arguments.storageError(0) }
    do {
      let elements = try element(lists.elements, from, to, cast)
      return Column(.list(ListColumn(offsets: lists.offsets, elements: elements)))
    } catch var error as QueryError {
      if let element = error.row { error.row = lists.offsets.lastIndex { $0 <= element } }
      throw error
    }
  }

  static func structure(_ cast: CastArguments, _ from: [ColumnField], _ to: [ColumnField]) throws -> Column {
    let column = cast.arguments.vectors[0].expanded(cast.arguments.rows)
    guard case .structure(let columns, let rows) = column.values else { throw cast.arguments.storageError(0) }
    let fields = try columns.indices.map {
      try element(columns[$0].masked(column.validity), from[$0].type, to[$0].type, cast)
    }
    return Column(.structure(fields, rows: rows))
  }

  private static func element(
    _ column: Column, _ from: ColumnType, _ to: ColumnType, _ cast: CastArguments
  ) throws -> Column {
    if from == to { return column }
    guard let overload = Casts.overload(from: from, to: to, isTry: cast.isTry) else {
      throw QueryError("cannot cast \(from.sqlName) to \(to.sqlName)")
    }
    let result = try overload.evaluate(
      Arguments(
        [Vector(column, from)], rows: column.count, type: to, session: cast.arguments.session,
        validity: column.validity))
    return result.masked(column.validity)
  }
}
