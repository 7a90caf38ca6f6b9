import Clickstream
import Engine
import Jobs
import Wire

/// A step that tells, on the driver, when it runs a graph: point `graph:features`, the number of its stages as detail. What it does to
/// the output is told by ``Renames``.
struct ProbedStep<Inner: Step>: Step {
  static var type: String { Inner.type }
  static var help: String { Inner.help }
  static var fields: [Field] { Inner.fields }

  static var operators: [any Operator.Type] { Inner.operators }
  static var spark: SparkSupport { Inner.spark }

  private let inner: Inner

  init(_ values: FieldValues) throws(JobFileError) {
    let plain = try Inner(values)
    // Several reduce tasks and shards of data that take a second.
    if var features = plain as? FeaturesStep {
      features.partitionBytes = 1 << 20
      inner = features as? Inner ?? plain
    } else {
      inner = plain
    }
  }

  var stages: [StageOutline] { inner.stages }

  func plan() throws -> StepPlan { try inner.plan() }

  func run(_ session: any JobSession, force: Bool) throws -> StepReport {
    try inner.run(ProbedSession(session, Inner.type), force: force)
  }
}

func probed(_ type: any Step.Type) -> any Step.Type {
  func wrap<Inner: Step>(_ type: Inner.Type) -> any Step.Type { ProbedStep<Inner>.self }
  return wrap(type)
}

private final class ProbedSession: JobSession {
  private let inner: any JobSession
  private let type: String

  init(_ inner: any JobSession, _ type: String) {
    self.inner = inner
    self.type = type
  }

  var job: JobID { inner.job }

  func run(_ graph: StageGraph) throws -> [TaskResult] {
    Rendezvous.reached("graph:\(type)", "\(graph.stages.count)")
    return try inner.run(graph)
  }

  func dropCache(prefix: String) { inner.dropCache(prefix: prefix) }
  func checkCancelled() throws { try inner.checkCancelled() }
  func status(_ line: String) { inner.status(line) }
}
