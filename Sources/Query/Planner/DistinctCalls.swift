import Columns

/// The DISTINCT calls of a grouping. Rows are first grouped by the distinct arguments, too; calls with different arguments get
/// copies of the rows that are told apart by a number, and the calls without DISTINCT one more copy.
struct DistinctCalls {
  /// Distinct argument lists, with their filters: null where the filter fails.
  private let lists: [[Expr]]
  /// For each call its list; nil for a call without DISTINCT.
  private let listOfCall: [Int?]
  /// Calls without DISTINCT, and their indexes among all.
  private(set) var plain: [AggregateCall]
  let plainIndexes: [Int]
  private let groupCount: Int
  /// Columns of the lists' expressions, and of the number of the copy.
  private var listColumns: [[Int]] = []
  private var copyColumn: Int?

  init(_ rows: GroupedRows) {
    var lists: [[Expr]] = []
    listOfCall = rows.calls.map { call in
      guard call.isDistinct, !call.arguments.isEmpty else { return nil }
      let arguments = call.arguments.map { argument in
        call.filter.map { filter in
          Expr.conditional(
            Conditional(
              [Conditional.Branch(filter, argument)], otherwise: .literal(.null, argument.type), argument.type
            ))
        } ?? argument
      }
      if let index = lists.firstIndex(of: arguments) { return index }
      lists.append(arguments)
      return lists.count - 1
    }
    self.lists = lists
    plainIndexes = listOfCall.indices.filter { [listOfCall] in listOfCall[$0] == nil }
    plain = plainIndexes.map { rows.calls[$0] }
    groupCount = rows.groups.count
    layOut(rows)
  }

  var isEmpty: Bool { lists.isEmpty }

  private var hasCopies: Bool { lists.count > 1 }

  private mutating func layOut(_ rows: GroupedRows) {
    let start = rows.flow.data
    var next = start
    for list in lists {
      listColumns.append(Array(next..<next + list.count))
      next += list.count
    }
    if hasCopies { copyColumn = next }
    guard let copyColumn else { return }
    // Only the last copy counts for calls without DISTINCT.
    let condition = Self.isCopy(lists.count, .column(copyColumn, .int64))
    for index in plain.indices {
      plain[index].filter = plain[index].filter.map { .and([condition, $0]) } ?? condition
    }
  }

  private static func isCopy(_ number: Int, _ column: Expr) -> Expr {
    .isIn(column, ValueList([.int(Int64(number))], hasNull: false))
  }

  /// Adds the columns of the lists, and the copies.
  func expand(_ flow: inout Flow) {
    let data = flow.columns(0..<flow.data)
    flow.project(data + lists.flatMap { $0 }.map { NamedExpr("distinct", $0) })
    guard hasCopies else { return }
    var groups: [Int] = []
    var sets: [[Int]] = []
    for columns in listColumns {
      sets.append(Array(groups.count..<groups.count + columns.count))
      groups += columns
    }
    if !plain.isEmpty { sets.append([]) }
    flow.expand(Expand(groups: groups, sets: sets))
  }

  /// What the rows are grouped by, beside the groups asked for.
  func innerGroups(_ flow: Flow) -> [NamedExpr] {
    flow.columns(listColumns.flatMap { $0 } + (copyColumn.map { [$0] } ?? []))
  }

  /// The call over the inner groups' rows.
  func outerCall(_ index: Int, _ call: AggregateCall, _ groups: Int, _ inner: Flow) -> AggregateCall {
    var call = call
    guard let list = listOfCall[index], let first = listColumns.first?.first else { return call }
    call.isDistinct = false
    call.order = []
    call.arguments = listColumns[list].map { column in
      let position = groups + column - first
      return .column(position, inner.fields[position].type)
    }
    call.filter = copyColumn.map { Self.isCopy(list, .column(groups + $0 - first, .int64)) }
    return call
  }
}
