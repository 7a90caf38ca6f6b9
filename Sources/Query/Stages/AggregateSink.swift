import Columns
import Engine
import Shuffle

/// The map side of a grouping: partial results by group, emitted when they fill the task's memory and at the end.
final class AggregateSink: BatchConsumer {
  private let groupBy: GroupBy
  private let task: any TaskContext
  private let groups: [Evaluator]
  private let inputs: [Input]
  private var table: AggregateTable
  private var position: Int64

  private enum Input {
    case arguments([Evaluator], filter: Evaluator?)
    case state([Int])
  }

  init(_ groupBy: GroupBy, _ session: SessionContext, _ task: any TaskContext, _ notes: NoteCollector) throws
  {
    self.groupBy = groupBy
    self.task = task
    groups = try groupBy.groups.map { try Evaluator($0.expr, session: session) }
    inputs = try groupBy.calls.map { call in
      switch call.input {
      case .arguments(let arguments, let filter):
        .arguments(
          try arguments.map { try Evaluator($0, session: session) },
          filter: try filter.map { try Evaluator($0, session: session) })
      case .state(let columns): .state(columns)
      }
    }
    table = AggregateTable(groupBy, try AggregateTable.functions(groupBy), notes)
    position = NumberStep.first(task.attempt.task.partition)
    try HashPartition.check(task.outputPartitions)
  }

  func consume(_ batch: ColumnBatch) throws {
    let columns = try groups.map { try $0.column(batch) }
    let inputs = try inputs.map { input -> AggregateInput in
      switch input {
      case .arguments(let arguments, let filter):
        .arguments(try arguments.map { try $0.evaluate(batch) }, selection: try filter?.filter(batch))
      case .state(let indexes): .state(indexes.map { batch.columns[$0] })
      }
    }
    try table.add(
      groups: columns, inputs: inputs, positions: Array(batch.columns.suffix(groupBy.positions)),
      rows: batch.rows)
    // Where runs are cut makes no difference: partial results add up exactly.
    if table.byteCount > task.memory / 2 { try emit() }
  }

  private func emit() throws {
    let count = table.count
    try table.emit(task, start: position)
    position += Int64(count)
  }

  func finish() throws { try emit() }
}
