import Submit

DriverCommand.run()
