import Columns

/// One row for each element of a list of the row.
final class UnnestStep: BatchConsumer {
  private let unnest: Unnest
  private let list: Evaluator
  private let next: any BatchConsumer

  init(_ unnest: Unnest, _ session: SessionContext, _ next: any BatchConsumer) throws {
    self.unnest = unnest
    list = try Evaluator(unnest.list, session: session)
    self.next = next
  }

  func consume(_ batch: ColumnBatch) throws {
    let column = try list.column(batch)
    guard case .list(let lists) = column.values else { return }
    var rows: [UInt32] = []
    var elements: [UInt32] = []
    var ordinals: [Int64] = []
    /// Rows of the result without an element; nil while there is none.
    var empty: [Bool]?
    for row in 0..<batch.rows {
      let range = column.isNull(row) ? 0..<0 : lists.offsets[row]..<lists.offsets[row + 1]
      if range.isEmpty, unnest.isOuter {
        var flags = empty ?? Array(repeating: true, count: rows.count)
        flags.append(false)
        empty = flags
        rows.append(UInt32(row))
        elements.append(0)
        ordinals.append(0)
      }
      for element in range {
        rows.append(UInt32(row))
        elements.append(UInt32(element))
        ordinals.append(Int64(element - range.lowerBound + 1))
        empty?.append(true)
      }
    }
    if rows.isEmpty { return }
    var columns = batch.columns.map { $0.gather(rows) }
    columns += elementColumns(lists, elements, empty)
    if unnest.ordinality != nil { columns.append(Column(.int64(ordinals), validity: empty)) }
    try next.consume(ColumnBatch(fields: batch.fields + unnest.fields, columns: columns, rows: rows.count))
  }

  private func elementColumns(_ lists: ListColumn, _ elements: [UInt32], _ empty: [Bool]?) -> [Column] {
    let types = unnest.fields.prefix(unnest.names.count).map(\.type)
    // Without any element there is nothing to gather from.
    guard lists.elements.count > 0 else { return types.map { .nulls($0, count: elements.count) } }
    var gathered = lists.elements.gather(elements)
    gathered = UnnestStep.masked(gathered, empty)
    guard unnest.expandsStructs, case .structure(let fields, _) = gathered.values else { return [gathered] }
    return fields.map { UnnestStep.masked($0, gathered.validity) }
  }

  /// The column with nulls where `mask` is false, too.
  private static func masked(_ column: Column, _ mask: [Bool]?) -> Column {
    guard let mask else { return column }
    guard let validity = column.validity else { return Column(column.values, validity: mask) }
    return Column(column.values, validity: zip(validity, mask).map { $0 && $1 })
  }

  func finish() throws { try next.finish() }

  var isDone: Bool { next.isDone }
}
