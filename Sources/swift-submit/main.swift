import Cluster
import Foundation

let command = SubmitCommand(registry: .standard) { target in
  target.master.client(secret: target.secret, tls: target.tls)
}
ExitCode.leave(with: command.run(Array(CommandLine.arguments.dropFirst())))
