import Cluster

WorkerCommand.run()
