import Columns

extension StagePlanner {
  /// Scans stay side by side in one stage; anything else is gathered first.
  func union(_ inputs: [LogicalPlan], needsOrder: Bool) throws -> Flow {
    let flows = try inputs.map { try plan($0, needsOrder: needsOrder) }
    guard let first = flows.first else { throw QueryError("a union of nothing") }
    if flows.allSatisfy({ $0.upstream.isEmpty && $0.positions == 0 }) {
      var union = first
      for flow in flows.dropFirst() {
        union.tasks += flow.tasks.map { StageTask(branch: $0.branch + union.branches.count, split: $0.split) }
        union.branches += flow.branches
        union.bytes += flow.bytes
      }
      union.labels = ["union"]
      return union
    }
    return gatherUnion(flows, needsOrder: needsOrder)
  }

  private func gatherUnion(_ flows: [Flow], needsOrder: Bool) -> Flow {
    let width = flows.map(\.positions).max() ?? 0
    let total = flows.reduce(0) { $0 + $1.bytes }
    let count = partitions(total)
    var fields: [ColumnField] = []
    let closed = flows.enumerated().map { index, flow -> Int in
      var flow = flow
      if needsOrder { flow.number() } else { flow.dropPositions() }
      let data = flow.columns(0..<flow.data)
      var positions: [NamedExpr] = []
      if needsOrder {
        positions = [NamedExpr(NumberStep.field.name, .literal(.int(Int64(index)), .int64))]
        positions += flow.columns(flow.data..<flow.fields.count)
        while positions.count < max(width, 1) + 1 {
          positions.append(NamedExpr(NumberStep.field.name, .literal(.int(0), .int64)))
        }
      }
      flow.add(.project(data + positions))
      fields =
        (index == 0 ? flow.dataFields : Array(fields.prefix(data.count)))
        + positions.map { _ in NumberStep.field }
      let keys = Array(data.prefix(1).map(\.expr))
      return close(flow, .shuffle(keys: keys), partitions: count)
    }
    var result = Flow(
      branches: [], tasks: [], fields: fields, positions: needsOrder ? max(width, 1) + 1 : 0, bytes: total,
      labels: ["union"])
    result = gather(closed, result, tasks: count)
    return result
  }
}
