import Cluster
import Workloads

let command = EventsCommand.command
let arguments = command.parseOrExit()
do throws(UsageError) {
  if let segments = arguments.value("score") { try ScoreCommand(segments, arguments).run() }
  try EventsCommand(arguments).run()
} catch {
  command.exitUsage(error)
}
