import Swiftlet

/// NoOpTasks submit --master 'local-cluster[2]' --tasks 200000
///
/// Tasks that do nothing, so that their time is what the engine takes for a task: told by `scripts/bench noop-tasks`.
struct NoOp: Operator {
  static let name = "bench.no-op"

  init(parameters: [UInt8]) throws {}

  func run(_ task: any TaskContext) throws -> TaskOutput { TaskOutput() }
}

@main struct NoOpTasks: JobProgram {
  static let help = "Runs empty tasks."
  static let operators: [any Operator.Type] = [NoOp.self]

  @Option("How many.") var tasks = 200_000

  func run(_ session: any JobSession, force: Bool) throws -> JobReport {
    let spec = TaskSpec(input: [])
    func seconds(_ count: Int) throws -> Double {
      let tasks = [TaskSpec](repeating: spec, count: count)
      let start = ContinuousClock.now
      _ = try session.run(
        StageGraph([StageSpec(name: "no-op", operatorName: NoOp.name, parameters: [], tasks: tasks)]))
      return (ContinuousClock.now - start) / .seconds(1)
    }
    _ = try seconds(max(1, tasks / 20))
    let rate = Double(tasks) / (try seconds(tasks))
    return JobReport(text: "\(Int(rate)) tasks a second")
  }
}
