import Basics
import Columns
import Engine
import Formats
import Shuffle
import Wire

/// Runs a task of any stage of a query: source, steps, sink.
package struct QueryOperator: Operator {
  package static let name = "query.stage"

  private let plan: StagePlan

  package init(parameters: [UInt8]) throws { plan = try StagePlan(decoding: parameters) }

  package func run(_ task: any TaskContext) throws -> TaskOutput {
    let input = try StageTask(decoding: task.input)
    guard plan.branches.indices.contains(input.branch) else {
      throw TaskFailure.fatal(
        "a query stage of \(plan.branches.count) branches has no branch \(input.branch)")
    }
    let branch = plan.branches[input.branch]
    let notes = NoteCollector()
    let sink = try self.sink(task, notes)
    var next = sink
    for step in branch.steps.reversed() { next = try consumer(step, task, next) }
    var metrics = TaskMetrics()
    do {
      try SourceReader(plan.session, task, notes).run(branch.source, input.split, next, &metrics)
      try next.finish()
    } catch let error as QueryError {
      throw TaskFailure.badInput(location: "query", message: error.description)
    }
    return try output(sink, task, notes, metrics)
  }

  private func sink(_ task: any TaskContext, _ notes: NoteCollector) throws -> any BatchConsumer {
    switch plan.sink {
    case .result: ResultSink()
    case .shuffle(let keys): try ShuffleSink(keys, plan.session, task)
    case .aggregate(let groupBy): try AggregateSink(groupBy, plan.session, task, notes)
    case .file(let file): FileWriter(file, task)
    }
  }

  private func consumer(
    _ step: PipelineStep, _ task: any TaskContext, _ next: any BatchConsumer
  ) throws -> any BatchConsumer {
    switch step {
    case .filter(let condition): try FilterStep(condition, plan.session, next)
    case .project(let columns): try ProjectStep(columns, plan.session, next)
    case .unnest(let unnest): try UnnestStep(unnest, plan.session, next)
    case .expand(let expand): ExpandStep(expand, next)
    case .lookup(let lookup): try HashJoin(lookup.join, right: lookup.table, plan.session, next)
    case .limit(let limit): LimitStep(limit, next)
    case .top(let keys, let count): try TopStep(keys, count: count, plan.session, next)
    case .number: NumberStep(partition: task.attempt.task.partition, next)
    }
  }

  /// Notes go to the driver with the results, or to partition 0 of the next stage.
  private func output(
    _ sink: any BatchConsumer, _ task: any TaskContext, _ notes: NoteCollector, _ metrics: TaskMetrics
  ) throws -> TaskOutput {
    var result = StageResult(blocks: [], files: [], note: notes.note, rows: 0)
    switch sink {
    case let sink as ResultSink:
      result.blocks = sink.blocks
      result.rows = sink.rows
    case let sink as FileWriter:
      result.files = sink.files
      result.rows = sink.rows
    default:
      if let note = notes.note { try task.emit(RowBlock.bytes(note), to: 0) }
      return TaskOutput(metrics: metrics)
    }
    return TaskOutput(result: result.encoded, metrics: metrics)
  }
}
