import Engine
import Transport

extension Master {
  /// How jobs are sent to this master.
  package func client(
    secret: Secret?, tls: TLS? = nil, steps: StepRegistry = .standard,
    operators: OperatorRegistry = .standard,
    worker: WorkerProgram = .sibling
  ) -> any JobClient {
    switch self {
    case .local(let slots): LocalClient.threads(slots, steps: steps, operators: operators)
    case .localCluster(let workers): LocalClient.processes(workers, of: worker, steps: steps)
    case .remote(let endpoint):
      DriverClient(endpoint, over: TCPTransport(tls: tls), secret: secret, name: "swift-submit")
    }
  }
}
