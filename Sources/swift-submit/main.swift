import Cluster
import Foundation

let command = SubmitCommand(registry: .standard) { target in
  // No setting of the engine can be changed by a job yet.
  if let first = target.configuration.first { throw UsageError("--conf: unknown setting '\(first.name)'") }
  return target.master.client(secret: target.secret, tls: target.tls)
}
ExitCode.leave(with: command.run(Array(CommandLine.arguments.dropFirst())))
