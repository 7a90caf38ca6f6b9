import Basics
import Driver
import Jobs
import SparkProgram
import Transport

extension Master {
  /// The client that sends jobs to this master.
  package func client(
    secret: Secret?, tls: TLS? = nil, steps: StepRegistry = .standard, worker: WorkerProgram = .sibling,
    build: String = Version.build, eventLog: String? = nil, rejoin: Duration = DriverClient.rejoin
  ) -> any JobClient {
    switch self {
    case .local(let slots):
      LocalClient.threads(slots, steps: steps, eventLog: eventLog)
    case .localCluster(let workers):
      LocalClient.processes(workers, of: worker, build: build, steps: steps, eventLog: eventLog)
    case .remote(let endpoint):
      DriverClient(
        endpoint, over: TCPTransport(tls: tls), secret: secret, name: "swift-submit", rejoin: rejoin)
    case .spark(let master): SparkClient(master, steps: steps)
    }
  }

  /// A client for a running driver; nil for a master that is created for one job.
  func driverClient(secret: Secret?, tls: TLS?) -> DriverClient? {
    guard case .remote(let endpoint) = self else { return nil }
    return DriverClient(endpoint, over: TCPTransport(tls: tls), secret: secret, name: "swift-submit")
  }
}
