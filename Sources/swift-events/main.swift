import CommandLine

EventsCommand.command.run(nil) { arguments in
  if let segments = arguments.value("score") { try ScoreCommand(segments, arguments).run() }
  if arguments.value("topic") != nil || arguments.value("bootstrap-servers") != nil {
    try PublishCommand(arguments).run()
  }
  try EventsCommand(arguments).run()
}
