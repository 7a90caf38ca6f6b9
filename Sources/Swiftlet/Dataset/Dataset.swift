/// Records on their way through a pipeline, in as many tasks as there are splits of the input or partitions of a shuffle. A
/// dataset is only a description: nothing is read before the job runs.
///
/// Sources: ``init(lines:)``, ``init(jsonLines:)``, ``init(parquet:)``, ``init(_:)``.
/// Record by record: ``map(_:)``, ``filter(_:)``, ``flatMap(_:)``.
/// Over a shuffle: ``aggregate(by:_:)``, ``sorted(by:descending:)``, ``top(_:by:)``, ``join(_:on:equals:)``,
/// ``leftJoin(_:on:equals:)``.
/// Ends: ``save(to:as:)``, ``collect(_:)``.
///
/// The closures run in other threads and processes than the one that wrote them down, so they use only the record they are given, the
/// job's options, and constants. Driver and workers are one binary and build the same pipeline from the same options; on
/// the wire goes the number of a stage, never code.
public struct Dataset<Element>: Sendable {
  typealias Producer = @Sendable (StageTask, (Element) throws -> Void) throws -> Void

  /// Those that have ended, each before the ones that read it.
  let stages: [Stage]
  /// The input of the stage that is still open.
  let input: StageInput
  /// What happens in the open stage, for people.
  let steps: [String]
  /// Runs a task of the open stage up to here.
  let produce: Producer

  init(stages: [Stage] = [], input: StageInput, steps: [String], produce: @escaping Producer) {
    self.stages = stages
    self.input = input
    self.steps = steps
    self.produce = produce
  }

  /// One record for each.
  public func map<Output>(_ transform: @escaping @Sendable (Element) throws -> Output) -> Dataset<Output> {
    then("map") { element, emit in try emit(transform(element)) }
  }

  /// Those for which `isIncluded` is true.
  public func filter(_ isIncluded: @escaping @Sendable (Element) throws -> Bool) -> Dataset {
    then("filter") { element, emit in if try isIncluded(element) { try emit(element) } }
  }

  /// Any number of records for each, in their order.
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
  func closed(
    _ step: String, by partitioning: Partitioning?,
    run: @escaping @Sendable (StageTask) throws -> TaskOutput
  ) -> [Stage] {
    let name = (steps + [step]).joined(separator: ", ")
    return stages + [Stage(name: name, input: input, partitioning: partitioning, run: run)]
  }

  /// The partitions that the last of `stages` leaves, as the beginning of a stage.
  static func reading(_ stages: [Stage], _ step: String, produce: @escaping Producer) -> Dataset {
    Dataset(stages: stages, input: .stages([stages.count - 1]), steps: [step], produce: produce)
  }
}
