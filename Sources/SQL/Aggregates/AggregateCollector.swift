import Columns
import Query

/// The aggregates of a SELECT, each once. Until the aggregation is built, expressions refer to their results by columns from
/// ``Rows/aggregateBase`` on.
final class AggregateCollector {
  private(set) var calls: [AggregateCall] = []
  /// Positions of GROUPING(…), whose arguments become indexes of groups once those are known.
  private(set) var groupings: [(call: Int, arguments: [Expr], position: Int)] = []
  private var known: [AggregateCall: Int] = [:]

  func add(_ call: AggregateCall) -> Expr {
    var key = call
    key.position = -1
    key.name = ""
    key.arguments = key.arguments.map(\.withoutPositions)
    key.filter = key.filter?.withoutPositions
    key.order = key.order.map {
      SortKey($0.expr.withoutPositions, isDescending: $0.isDescending, nullsFirst: $0.nullsFirst)
    }
    let index = known[key] ?? calls.count
    if index == calls.count {
      known[key] = index
      calls.append(call)
    }
    return .column(Rows.aggregateBase + index, call.type)
  }

  func addGrouping(_ arguments: [Expr], _ position: Int) -> Expr {
    groupings.append((calls.count, arguments, position))
    calls.append(AggregateCall("grouping", [], type: .int32, name: "grouping"))
    return .column(Rows.aggregateBase + calls.count - 1, .int32)
  }

  func setGrouping(_ call: Int, _ groups: [Int]) {
    calls[call].arguments = groups.map { .literal(.int(Int64($0)), .int32) }
  }
}
