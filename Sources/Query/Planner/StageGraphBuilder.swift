import Engine
import Wire

/// The stages that the last one needs, as the engine runs them.
struct StageGraphBuilder {
  private let stages: [PlannedStage]
  private let session: SessionContext

  init(_ stages: [PlannedStage], _ session: SessionContext) {
    self.stages = stages
    self.session = session
  }

  var graph: StageGraph {
    var needed = Set<Int>()
    var pending = [stages.count - 1]
    while let stage = pending.popLast() {
      if needed.insert(stage).inserted { pending += stages[stage].upstream }
    }
    let order = needed.sorted()
    return StageGraph(
      order.map { number in
        let stage = stages[number]
        let plan = StagePlan(branches: stage.branches, sink: stage.sink, session: session)
        return StageSpec(
          name: stage.labels.joined(separator: ", "), operatorName: QueryOperator.name,
          parameters: plan.encoded,
          tasks: stage.tasks.map { TaskSpec(input: $0.encoded) }, shufflePartitions: stage.partitions,
          upstream: stage.upstream.map { order.firstIndex(of: $0) ?? 0 })
      })
  }
}
