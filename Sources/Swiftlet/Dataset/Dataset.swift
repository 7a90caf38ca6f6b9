import Engine
import Shuffle

/// Records flowing through a pipeline, split into tasks: one per split of the input, or one per partition of a shuffle. A
/// dataset only describes the work; nothing is read before the job runs. If a dataset is used several times, its finished
/// stages are shared and run once.
///
/// - Sources: ``init(lines:)``, ``init(jsonLines:)``, ``init(parquet:)``, ``init(_:)``.
/// - Record by record: ``map(_:)``, ``filter(_:)``, ``flatMap(_:)``.
/// - With a shuffle: ``aggregate(by:_:)``, ``sorted(by:descending:)``, ``top(_:by:)``, ``join(_:on:equals:)``,
///   ``leftJoin(_:on:equals:)``.
/// - Outputs: ``save(to:as:)``, ``collect(_:)``.
///
/// Closures run in other threads and processes than the one that creates the dataset, so they may use only their record, the
/// job's options, and constants. Driver and workers are the same binary and build the same pipeline from the same options. Only
/// the number of a stage is sent, never code.
public struct Dataset<Element>: Sendable {
  typealias Producer = @Sendable (StageTask, (Element) throws -> Void) throws -> Void

  /// The finished stages.
  let stages: StageList
  /// The input of the open stage.
  let input: StageInput
  /// The steps of the open stage, for display.
  let steps: [String]
  /// Runs a task of the open stage.
  let produce: Producer

  init(
    stages: StageList = StageList(), input: StageInput, steps: [String], produce: @escaping Producer
  ) {
    self.stages = stages
    self.input = input
    self.steps = steps
    self.produce = produce
  }

  /// Transforms each record.
  public func map<Output>(_ transform: @escaping @Sendable (Element) throws -> Output) -> Dataset<Output> {
    then("map") { element, emit in try emit(transform(element)) }
  }

  /// Keeps the records for which `isIncluded` returns true.
  public func filter(_ isIncluded: @escaping @Sendable (Element) throws -> Bool) -> Dataset {
    then("filter") { element, emit in if try isIncluded(element) { try emit(element) } }
  }

  /// Maps each record to any number of records, in order.
  public func flatMap<Output: Sequence & SendableMetatype>(
    _ transform: @escaping @Sendable (Element) throws -> Output
  ) -> Dataset<Output.Element> where Output.Iterator: SendableMetatype {
    then("flatMap") { element, emit in for output in try transform(element) { try emit(output) } }
  }

  private func then<Output>(
    _ step: String, _ body: @escaping @Sendable (Element, (Output) throws -> Void) throws -> Void
  ) -> Dataset<Output> {
    Dataset<Output>(stages: stages, input: input, steps: steps + [step]) { [produce] task, emit in
      try produce(task) { try body($0, emit) }
    }
  }

  /// Ends the open stage.
  func finished(
    _ step: String, by partitioning: Partitioning?,
    run: @escaping @Sendable (StageTask) throws -> TaskOutput
  ) -> FinishedStage {
    let name = (steps + [step]).joined(separator: ", ")
    let stage = Stage(name: name, input: input, partitioning: partitioning, run: run)
    return FinishedStage(stages: stages.appending(stage), id: stage.id)
  }

  /// Ends the open stage with a shuffle.
  func shuffled(
    _ step: String, by partitioning: Partitioning,
    write: @escaping @Sendable (StageTask, inout RowWriter) throws -> Void
  ) -> FinishedStage {
    finished(step, by: partitioning) { task in
      var rows = try RowWriter(task.context)
      try write(task, &rows)
      task.metrics.rowsWritten = rows.rows
      return TaskOutput()
    }
  }
}

/// A finished stage, listed after all stages that it depends on.
struct FinishedStage {
  let stages: StageList
  let id: Stage.ID

  /// Starts a stage that reads the partitions of this stage.
  func read<Element>(_ step: String, produce: @escaping Dataset<Element>.Producer) -> Dataset<Element> {
    Dataset(stages: stages, input: .stages([id]), steps: [step], produce: produce)
  }

  /// Starts a stage that reads the partitions of this stage and of another stage side by side.
  func read<Element>(
    with other: FinishedStage, _ step: String, produce: @escaping Dataset<Element>.Producer
  ) -> Dataset<Element> {
    Dataset(
      stages: stages.union(other.stages), input: .stages([id, other.id]), steps: [step], produce: produce)
  }
}
