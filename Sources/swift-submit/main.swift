import Cluster
import Foundation
import Transport

let command = SubmitCommand(registry: .standard) { target in
  target.master.client(secret: try target.secret.map { try Secret($0, from: "--secret-file") })
}
exit(command.run(Array(CommandLine.arguments.dropFirst())))
