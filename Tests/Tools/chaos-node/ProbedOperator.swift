import Engine
import Wire

/// An operator that tells when an attempt begins (`start`), looks whether it may go on (`step`), reads a shuffle block
/// (`block`), and is about to report (`end`): points `start:kmeans.lloyd` and so on.
struct ProbedOperator<Inner: Operator>: Operator {
  static var name: String { Inner.name }

  private let inner: Inner

  init(parameters: [UInt8]) throws { inner = try Inner(parameters: parameters) }

  func run(_ task: any TaskContext) throws -> TaskOutput {
    let probed = ProbedTask(task, Inner.name)
    probed.reached("start")
    let output = try inner.run(probed)
    probed.reached("end")
    return output
  }
}

func probed(_ type: any Operator.Type) -> any Operator.Type {
  func wrap<Inner: Operator>(_ type: Inner.Type) -> any Operator.Type { ProbedOperator<Inner>.self }
  return wrap(type)
}

private final class ProbedTask: TaskContext {
  private let inner: any TaskContext
  private let name: String

  init(_ inner: any TaskContext, _ name: String) {
    self.inner = inner
    self.name = name
  }

  func reached(_ point: String) { Rendezvous.reached("\(point):\(name)", attempt.description) }

  var attempt: TaskAttemptID { inner.attempt }
  var input: [UInt8] { inner.input }
  var outputPartitions: Int { inner.outputPartitions }
  var memory: Int { inner.memory }

  func checkCancelled() throws {
    reached("step")
    try inner.checkCancelled()
  }

  func forEachShuffleBlock(upstream: Int, _ body: (Int, [UInt8]) throws -> Void) throws {
    try inner.forEachShuffleBlock(upstream: upstream) { map, block in
      reached("block")
      try body(map, block)
    }
  }

  func emit(_ run: [UInt8], to partition: Int) throws { try inner.emit(run, to: partition) }
  func spill() throws -> any SpillFile { try inner.spill() }

  func progress(rows: Int, bytes: Int) { inner.progress(rows: rows, bytes: bytes) }

  func cached<Value: Sendable>(_ make: () throws -> (value: Value, bytes: Int)) throws -> Value {
    try inner.cached(make)
  }
}
