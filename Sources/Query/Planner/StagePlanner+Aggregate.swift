import Columns

extension StagePlanner {
  /// Plans GROUP BY: partial results where the rows are, merged by group.
  func aggregate(_ input: LogicalPlan, _ aggregation: Aggregation, needsOrder: Bool) throws -> Flow {
    let isOrdered = try aggregation.calls.contains { try function($0).dependsOnOrder && $0.order.isEmpty }
    var flow = try plan(input, needsOrder: isOrdered || (needsOrder && !aggregation.groups.isEmpty))
    if let order = try order(aggregation) {
      flow = sorted(flow, order + flow.positionKeys, nil)
    } else if isOrdered, flow.positions > 0 {
      flow = sorted(flow, flow.positionKeys, nil)
    }
    let rows = GroupedRows(aggregation, flow, session)
    flow = rows.flow
    let distinct = DistinctCalls(rows)
    if distinct.isEmpty {
      flow = group(
        flow,
        GroupBy(groups: rows.groups, calls: try rows.calls.map { try call($0) }, positions: flow.positions))
    } else {
      flow = try groupDistinct(flow, rows, distinct)
    }
    flow.project(rows.results(flow))
    return flow
  }

  /// A map side and a reduce side.
  func group(_ flow: Flow, _ groupBy: GroupBy) -> Flow {
    var flow = flow
    flow.labels.append("partial aggregate")
    let count = groupBy.isGlobal ? 1 : partitions(flow.bytes)
    let stage = close(flow, .aggregate(groupBy), partitions: count)
    return Flow(
      branches: [StagePlan.Branch(source: .aggregate(groupBy), steps: [])],
      tasks: Array(repeating: StageTask(branch: 0), count: count), upstream: [stage], fields: groupBy.fields,
      positions: max(1, groupBy.positions), bytes: flow.bytes / 4, labels: ["aggregate"])
  }

  /// DISTINCT calls: first one group for each distinct value, then the groups asked for.
  private func groupDistinct(_ flow: Flow, _ rows: GroupedRows, _ distinct: DistinctCalls) throws -> Flow {
    var flow = flow
    distinct.expand(&flow)
    let inner = GroupBy(
      groups: rows.groups + distinct.innerGroups(flow), calls: try distinct.plain.map { try call($0) },
      positions: flow.positions, keepsStates: true)
    let calls = inner.calls
    flow = group(flow, inner)
    let groups = rows.groups.indices.map { index in
      NamedExpr(flow.fields[index].name, .column(index, flow.fields[index].type))
    }
    var state = inner.groups.count
    var plain: [GroupBy.Call] = []
    for call in calls {
      var merged = call
      merged.input = .state(Array(state..<state + call.types.state.count))
      state += call.types.state.count
      plain.append(merged)
    }
    let outer = try rows.calls.enumerated().map { index, original in
      if let position = distinct.plainIndexes.firstIndex(of: index) { return plain[position] }
      return try call(distinct.outerCall(index, original, rows.groups.count, flow))
    }
    return group(flow, GroupBy(groups: groups, calls: outer, positions: flow.positions))
  }

  func function(_ call: AggregateCall) throws -> AggregateFunction {
    guard let function = Aggregates.lookup(call.function) else {
      throw QueryError("no aggregate function is called '\(call.function)'", position: call.position)
    }
    return function
  }

  func call(_ call: AggregateCall) throws -> GroupBy.Call {
    let arguments = call.arguments.map(\.type)
    guard let types = try function(call).resolve(arguments) else {
      throw QueryError(
        "\(call.function) does not take \(arguments.map(\.name).joined(separator: ", "))",
        position: call.position)
    }
    return GroupBy.Call(
      function: call.function, types: types, input: .arguments(call.arguments, filter: call.filter),
      name: call.name)
  }

  /// The order that the calls ask for; nil if none does.
  private func order(_ aggregation: Aggregation) throws -> [SortKey]? {
    let ordered = aggregation.calls.filter { !$0.order.isEmpty }
    guard let first = ordered.first else { return nil }
    if let other = ordered.first(where: { $0.order != first.order }) {
      throw QueryError(
        "aggregates of one SELECT with different ORDER BY are not supported", position: other.position,
        hint: "compute them in two subqueries and join them")
    }
    return first.order
  }
}
