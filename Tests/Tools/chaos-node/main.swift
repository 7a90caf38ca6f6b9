import Clickstream
import CommandLine
import Engine
import Foundation
import Jobs
import KMeans
import Submit
import TestSupport
import Worker

// `chaos-node driver|worker|submit …`: swift-driver, swift-worker or swift-submit. Driver and worker have every operator, step and
// connection wrapped so that the suite in Tests/Integration/chaos can hold the process at an exact point; all know a step whose
// messages are too large. Nothing of this is in the programs that users get.
let registry = StepRegistry(StepRegistry.standard.types + [ToyStep.self])
let arguments = Array(CommandLine.arguments.dropFirst(2))
switch CommandLine.arguments.dropFirst().first {
case "driver":
  DriverCommand.run(
    arguments, as: "chaos-node driver", registry: StepRegistry(registry.types.map(probed)))
case "worker":
  let operators = registry.types.flatMap { $0.operators }
  WorkerCommand.run(
    arguments, as: "chaos-node worker", registry: OperatorRegistry(operators.map(probed)),
    through: ProbedTransport.init
  ) { options in
    // All shuffle blocks go to disk, and so does what merging a few users takes.
    guard ProcessInfo.processInfo.environment["CHAOS_MEMORY"] == "tight" else { return }
    options.shares = MemoryShares(slot: 1 << 18, stored: 0, outgoing: 1 << 20)
  }
case "submit":
  let command = SubmitCommand(registry: registry) { target in
    target.master.client(secret: target.secret, rejoin: target.rejoin)
  }
  ExitCode.leave(with: command.run(arguments))
default:
  FileHandle.standardError.write(Data("usage: chaos-node driver|worker|submit OPTIONS\n".utf8))
  exit(2)
}
