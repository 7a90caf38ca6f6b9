import CommandLine

let command = EventsCommand.command
let arguments = command.parseOrExit()
do throws(UsageError) {
  if let segments = arguments.value("score") { try ScoreCommand(segments, arguments).run() }
  if arguments.value("topic") != nil || arguments.value("bootstrap-servers") != nil {
    try PublishCommand(arguments).run()
  }
  try EventsCommand(arguments).run()
} catch {
  command.exitUsage(error)
}
