import Cluster
import Foundation

let command = SubmitCommand(registry: StepRegistry([])) { target in
  throw UsageError("--master: \(target.master) is not available")
}
exit(command.run(Array(CommandLine.arguments.dropFirst())))
