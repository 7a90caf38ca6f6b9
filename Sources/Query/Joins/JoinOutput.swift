import Columns

/// Makes the columns of a join's result: those of the left, those of the right, then the positions of both.
struct JoinOutput {
  private let join: JoinSource
  private let right: ColumnBatch
  private let leftData: Int
  private let rightData: Int
  private let hasRight: Bool

  init(_ join: JoinSource, _ right: ColumnBatch) {
    self.join = join
    self.right = right
    leftData = join.left.count - join.leftPositions
    rightData = join.right.count - join.rightPositions
    hasRight = join.hasRightColumns
  }

  /// The columns that a join's condition refers to.
  func candidates(_ left: ColumnBatch, _ pairs: JoinPairs) -> ColumnBatch {
    let rows = pairs.right.map { UInt32(bitPattern: $0) }
    let columns =
      left.columns[..<leftData].map { $0.gather(pairs.left) }
      + right.columns[..<rightData].map { $0.gather(rows) }
    return ColumnBatch(
      fields: Array(join.left[..<leftData] + join.right[..<rightData]), columns: columns, rows: pairs.count)
  }

  func batch(_ left: ColumnBatch, _ pairs: JoinPairs) -> ColumnBatch {
    let leftColumns = left.columns.map { $0.gather(pairs.left) }
    let rightColumns = hasRight ? zip(right.columns, join.right).map { matched($0, $1, pairs.right) } : []
    return assemble(leftColumns, rightColumns, pairs.count)
  }

  /// Right rows without a left one. Their left positions are beyond all others.
  func rightRows(_ rows: [Int]) -> ColumnBatch {
    let numbers = rows.map { UInt32($0) }
    let left = join.left.enumerated().map { index, field in
      index < leftData
        ? Column.nulls(field.type, count: rows.count)
        : Column(.int64(Array(repeating: .max, count: rows.count)))
    }
    return assemble(left, right.columns.map { $0.gather(numbers) }, rows.count)
  }

  private func matched(_ column: Column, _ field: ColumnField, _ rows: [Int32]) -> Column {
    guard rows.contains(-1) else { return column.gather(rows.map { UInt32(bitPattern: $0) }) }
    if column.count == 0 { return .nulls(field.type, count: rows.count) }
    var gathered = column.gather(rows.map { $0 < 0 ? 0 : UInt32(bitPattern: $0) })
    let old = gathered.validity
    gathered.validity = rows.enumerated().map { index, row in row >= 0 && (old?[index] ?? true) }
    return gathered
  }

  private func assemble(_ left: [Column], _ right: [Column], _ rows: Int) -> ColumnBatch {
    let columns =
      left[..<leftData] + (hasRight ? right[..<rightData] : []) + left[leftData...]
      + (hasRight ? right[rightData...] : [])
    return ColumnBatch(fields: join.fields, columns: Array(columns), rows: rows)
  }
}

extension JoinSource {
  /// Whether the columns of the right are part of the result.
  var hasRightColumns: Bool {
    switch kind {
    case .semi, .anti, .nullAwareAnti: false
    case .inner, .left, .right, .full, .asof: true
    }
  }

  /// The columns of the result; positions last.
  package var fields: [ColumnField] {
    let leftData = left.count - leftPositions
    guard hasRightColumns else { return left }
    let rightData = right.count - rightPositions
    return Array(left[..<leftData] + right[..<rightData] + left[leftData...] + right[rightData...])
  }

  var positions: Int { leftPositions + (hasRightColumns ? rightPositions : 0) }
}
