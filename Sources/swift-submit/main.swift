import CommandLine
import Foundation
import Submit

let command = SubmitCommand(registry: .standard) { target in
  target.master.client(
    secret: target.secret, tls: target.tls, eventLog: target.eventLog, rejoin: target.rejoin)
}
ExitCode.leave(with: command.run(Array(CommandLine.arguments.dropFirst())))
