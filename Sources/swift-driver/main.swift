import Cluster

DriverCommand.run()
