import Basics
import Columns
import Engine
import Formats
import Wire

/// Runs a query as stages of a job.
package final class QueryRun {
  private let query: Query
  private let job: any JobSession
  private let settings: Settings
  /// Literals for the subqueries that have run.
  private var values: [ScalarValue] = []
  /// What became of the records of the scanned files.
  package private(set) var note = StageNote()

  package init(_ query: Query, _ job: any JobSession, settings: Settings) {
    self.query = query
    self.job = job
    self.settings = settings
  }

  /// Returns all rows, in order.
  package func rows() throws -> ColumnBatch {
    let (flow, planner) = try plan(query.plan, needsOrder: true)
    return try ordered(collect(flow, planner.stages), flow)
  }

  /// Writes the rows to files of a staged output.
  package func write(_ sink: FileSink) throws -> [StageResult] {
    let (flow, planner) = try plan(query.plan, needsOrder: true)
    var open = flow
    open.dropPositions()
    return try run(open, planner.stages, .file(sink))
  }

  private func planner() -> StagePlanner {
    StagePlanner(session: query.session, settings: settings) { [unowned self] flow, stages in
      try self.collect(flow, stages)
    }
  }

  private func plan(_ plan: LogicalPlan, needsOrder: Bool) throws -> (Flow, StagePlanner) {
    try runSubqueries()
    let planner = planner()
    return (try planner.plan(try replaced(plan), needsOrder: needsOrder), planner)
  }

  private func runSubqueries() throws {
    while values.count < query.subqueries.count {
      let subquery = query.subqueries[values.count]
      let planner = planner()
      let count = subquery.use == .exists ? 1 : 2
      let limited = LogicalPlan.limit(try replaced(subquery.plan), Limit(count: count, offset: 0))
      let flow = try planner.plan(limited, needsOrder: true)
      let rows = try ordered(collect(flow, planner.stages), flow)
      switch subquery.use {
      case .exists: values.append(.bool(rows.rows > 0))
      case .scalar:
        guard rows.rows <= 1 else {
          throw QueryError("a subquery used as a value has more than one row", position: subquery.position)
        }
        values.append(rows.rows == 0 ? .null : rows.columns[0].scalar(0, rows.fields[0].type))
      }
    }
  }

  /// The plan with the values of subqueries in their places.
  private func replaced(_ plan: LogicalPlan) throws -> LogicalPlan {
    if query.subqueries.isEmpty { return plan }
    return try plan.mapExpressions { try self.replaced($0) }
  }

  private func replaced(_ expr: Expr) throws -> Expr {
    if case .subquery(let index, let type) = expr {
      guard values.indices.contains(index) else { throw QueryError("a subquery refers to a later one") }
      return .literal(values[index], type)
    }
    return try expr.mappingOperands { try replaced($0) }
  }

  private func collect(_ flow: Flow, _ stages: [PlannedStage]) throws -> ColumnBatch {
    var batches: [ColumnBatch] = []
    for result in try run(flow, stages, .result) {
      for block in result.blocks {
        if case .rows(let batch)? = try RowBlock(block, flow.fields) { batches.append(batch) }
      }
    }
    return ColumnBatch.concatenate(batches, flow.fields)
  }

  /// Rows in the order of their positions, without them.
  private func ordered(_ batch: ColumnBatch, _ flow: Flow) throws -> ColumnBatch {
    var result = batch
    if flow.positions > 0 {
      result = result.gather(try RowSorter(flow.positionKeys, query.session).order(result))
    }
    return ColumnBatch(
      fields: flow.dataFields, columns: Array(result.columns[..<flow.data]), rows: result.rows)
  }

  private func run(_ flow: Flow, _ stages: [PlannedStage], _ sink: Sink) throws -> [StageResult] {
    if flow.tasks.isEmpty { return [] }
    let all = stages + [PlannedStage(flow, sink, partitions: nil)]
    let graph = StageGraphBuilder(all, query.session).graph
    return try job.run(graph).map { result in
      let decoded = try StageResult(decoding: result.payload)
      if let note = decoded.note { self.note.add(note) }
      return decoded
    }
  }
}
