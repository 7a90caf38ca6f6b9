import Columns
import Engine
import Formats
import Wire

/// Cuts a logical plan into stages. What comes out depends on the plan and the files, never on the cluster.
///
/// The order of rows is part of the result. Where a shuffle would lose it, rows carry their position, and groups the position
/// of their first row.
package final class StagePlanner {
  /// Bytes of rows that a shuffle partition should hold.
  private static let partitionBytes = 32 << 20
  private static let maxPartitions = 256
  /// Guess of the size up to which a join's table is sent to all tasks instead of being shuffled.
  static let lookupBytes = 32 << 20

  let session: SessionContext
  let settings: Settings
  /// Runs a flow at once and returns its rows.
  let materialize: (Flow, [PlannedStage]) throws -> ColumnBatch
  private(set) var stages: [PlannedStage] = []

  init(
    session: SessionContext, settings: Settings,
    materialize: @escaping (Flow, [PlannedStage]) throws -> ColumnBatch
  ) {
    self.session = session
    self.settings = settings
    self.materialize = materialize
  }

  func partitions(_ bytes: Int) -> Int {
    min(
      StagePlanner.maxPartitions,
      max(1, (bytes + StagePlanner.partitionBytes - 1) / StagePlanner.partitionBytes))
  }

  /// Ends a flow with a sink.
  /// - Returns: The number of the stage.
  func close(_ flow: Flow, _ sink: Sink, partitions: Int?) -> Int {
    stages.append(PlannedStage(flow, sink, partitions: partitions))
    return stages.count - 1
  }

  /// - Parameter needsOrder: Whether what reads the rows depends on their order.
  func plan(_ node: LogicalPlan, needsOrder: Bool) throws -> Flow {
    switch node {
    case .scan(let scan): return try self.scan(scan)
    case .values(let rows): return try values(rows)
    case .filter(let input, let condition):
      var flow = try plan(input, needsOrder: needsOrder)
      flow.add(.filter(condition))
      flow.bytes = flow.bytes / 2 + 1
      flow.labels.append("filter")
      return flow
    case .project(let input, let columns):
      var flow = try plan(input, needsOrder: needsOrder)
      flow.project(columns)
      return flow
    case .aggregate(let input, let aggregation):
      return try aggregate(input, aggregation, needsOrder: needsOrder)
    case .sort(let input, let keys): return try sort(input, keys, limit: nil)
    case .limit(.sort(let input, let keys), let limit): return try sort(input, keys, limit: limit)
    case .limit(.project(.sort(let input, let keys), let columns), let limit):
      var flow = try sort(input, keys, limit: limit)
      flow.project(columns)
      return flow
    case .limit(let input, let limit): return try self.limit(input, limit)
    case .join(let left, let right, let join): return try self.join(left, right, join, needsOrder: needsOrder)
    case .unionAll(let inputs): return try union(inputs, needsOrder: needsOrder)
    case .unnest(let input, let unnest): return try self.unnest(input, unnest, needsOrder: needsOrder)
    }
  }

  private func scan(_ scan: TableScan) throws -> Flow {
    let splits = try SplitPruning.splits(scan, settings)
    let all = max(1, scan.table.fields.count - FileTable.pseudoFields.count)
    let total = splits.reduce(0) { $0 + Int(clamping: $1.split.bytes) }
    let source = ScanSource(
      name: scan.name, table: scan.table.withoutSplits, columns: scan.columns, filter: scan.filter,
      settings: settings)
    return Flow(
      branches: [StagePlan.Branch(source: .scan(source), steps: [])],
      tasks: splits.map { StageTask(branch: 0, split: $0) },
      fields: scan.columns.map { scan.table.fields[$0] },
      bytes: total / all * max(1, scan.columns.count) / (scan.filter == nil ? 1 : 2),
      labels: ["scan \(scan.name)"])
  }

  private func values(_ rows: ValueRows) throws -> Flow {
    let empty = ColumnBatch(fields: [], columns: [], rows: 1)
    let columns = try rows.fields.enumerated().map { index, field in
      Column.concatenate(
        try rows.rows.map { try Evaluator($0[index], session: session).evaluate(empty).expanded(1) },
        field.type)
    }
    let batch = ColumnBatch(fields: rows.fields, columns: columns, rows: rows.rows.count)
    return Flow(
      branches: [StagePlan.Branch(source: .rows(batch), steps: [])], tasks: [StageTask(branch: 0)],
      fields: rows.fields, bytes: batch.byteCount, labels: ["values"])
  }

  private func sort(_ input: LogicalPlan, _ keys: [SortKey], limit: Limit?) throws -> Flow {
    let flow = try plan(input, needsOrder: true)
    return sorted(flow, keys + flow.positionKeys, limit)
  }

  /// Brings all rows into one partition, in the order of the keys.
  func sorted(_ flow: Flow, _ keys: [SortKey], _ limit: Limit?) -> Flow {
    var flow = flow
    if let count = limit?.count, let top = limit.map({ $0.offset.addingReportingOverflow(count) }),
      !top.overflow,
      top.partialValue <= 1 << 20
    {
      flow.add(.top(keys, count: top.partialValue))
    }
    flow.labels.append("sort")
    let stage = close(flow, .shuffle(keys: []), partitions: 1)
    var result = Flow(
      branches: [
        StagePlan.Branch(source: .sort(SortSource(fields: flow.fields, keys: keys, limit: limit)), steps: [])
      ],
      tasks: [StageTask(branch: 0)], upstream: [stage], fields: flow.fields, positions: flow.positions,
      bytes: flow.bytes, labels: ["merge sorted"])
    result.dropPositions()
    return result
  }

  private func limit(_ input: LogicalPlan, _ limit: Limit) throws -> Flow {
    var flow = try plan(input, needsOrder: true)
    if flow.positions > 0 { return sorted(flow, flow.positionKeys, limit) }
    if let count = limit.count {
      let (top, overflow) = limit.offset.addingReportingOverflow(count)
      if !overflow { flow.add(.limit(Limit(count: top, offset: 0))) }
    }
    flow.labels.append("limit")
    let stage = close(flow, .shuffle(keys: []), partitions: 1)
    var result = gather([stage], flow, tasks: 1)
    result.add(.limit(limit))
    return result
  }

  /// Reads the partitions of stages.
  func gather(_ stages: [Int], _ flow: Flow, tasks: Int) -> Flow {
    Flow(
      branches: [
        StagePlan.Branch(
          source: .gather(upstream: Array(stages.indices), fields: flow.fields), steps: [])
      ],
      tasks: Array(repeating: StageTask(branch: 0), count: tasks), upstream: stages, fields: flow.fields,
      positions: flow.positions, bytes: flow.bytes, labels: ["gather"])
  }

  private func unnest(_ input: LogicalPlan, _ unnest: Unnest, needsOrder: Bool) throws -> Flow {
    var flow = try plan(input, needsOrder: needsOrder)
    var unnest = unnest
    let added = unnest.fields.count
    let isHidden = flow.positions > 0 && unnest.ordinality == nil
    if isHidden { unnest.ordinality = NumberStep.field.name }
    let before = flow.fields.count
    flow.add(.unnest(unnest))
    flow.labels.append("unnest")
    flow.bytes *= 2
    let fields = flow.fields + unnest.fields
    guard flow.positions > 0 else {
      flow.fields = fields
      return flow
    }
    // Positions go last again; the element's number is one more.
    let data = Array(0..<flow.data) + (before..<before + added)
    let last = fields.count - 1
    flow.arrange(fields, data + (flow.data..<before) + [last])
    flow.positions += 1
    return flow
  }
}

/// A stage of a query, before it gets its place in a graph.
struct PlannedStage {
  var branches: [StagePlan.Branch]
  var sink: Sink
  var tasks: [StageTask]
  var upstream: [Int]
  var partitions: Int?
  var labels: [String]

  init(_ flow: Flow, _ sink: Sink, partitions: Int?) {
    branches = flow.branches
    tasks = flow.tasks
    upstream = flow.upstream
    labels = flow.labels
    self.sink = sink
    self.partitions = partitions
  }
}
