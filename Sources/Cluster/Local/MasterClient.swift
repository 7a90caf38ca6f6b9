import Transport

extension Master {
  /// How jobs are sent to this master.
  package func client(secret: Secret?, steps: StepRegistry = .standard) -> any JobClient {
    switch self {
    case .local(let slots): LocalClient.threads(slots, steps: steps)
    case .localCluster(let workers): LocalClient.processes(workers, steps: steps)
    case .remote(let address):
      DriverClient(
        .tcp(host: address.host, port: Int(address.port)), over: TCPTransport(), secret: secret,
        name: "swift-submit")
    }
  }
}
