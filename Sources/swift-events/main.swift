import Cluster
import Workloads

let command = EventsCommand.command
let arguments = command.parseOrExit()
do throws(UsageError) {
  try EventsCommand(arguments).run()
} catch {
  command.exitUsage(error)
}
