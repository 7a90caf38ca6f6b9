import Submit

WorkerCommand.run()
