import Clickstream
import Engine
import Foundation
import Jobs
import KMeans
import Submit
import Worker

// `chaos-node driver|worker …`: swift-driver or swift-worker, with every operator, step and connection wrapped so that the
// suite in Tests/Integration/chaos can hold the process at an exact point. Nothing of this is in the programs that users get.
let arguments = Array(CommandLine.arguments.dropFirst(2))
switch CommandLine.arguments.dropFirst().first {
case "driver":
  DriverCommand.run(
    arguments, as: "chaos-node driver", registry: StepRegistry(StepRegistry.standard.types.map(probed)))
case "worker":
  let operators = StepRegistry.standard.types.flatMap { $0.operators }
  WorkerCommand.run(
    arguments, as: "chaos-node worker", registry: OperatorRegistry(operators.map(probed)),
    through: ProbedTransport.init
  ) { options in
    // All shuffle blocks go to disk, and so does what merging a few users takes.
    guard ProcessInfo.processInfo.environment["CHAOS_MEMORY"] == "tight" else { return }
    options.shares = MemoryShares(slot: 1 << 18, stored: 0, outgoing: 1 << 20)
  }
default:
  FileHandle.standardError.write(Data("usage: chaos-node driver|worker OPTIONS\n".utf8))
  exit(2)
}
