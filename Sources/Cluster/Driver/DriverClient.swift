import Synchronization
import Transport
import Wire

/// Submits jobs to a driver, over the network or inside this process.
package struct DriverClient: JobClient {
  private let transport: any Transport
  private let endpoint: Endpoint
  private let identity: Identity

  package init(
    _ endpoint: Endpoint, over transport: any Transport, secret: Secret?, name: String
  ) {
    self.endpoint = endpoint
    self.transport = transport
    identity = Identity(role: .client, name: name, secret: secret)
  }

  package func submit(
    _ job: String, name: String, force: Bool, onEvent: @escaping @Sendable (JobEvent) -> Void
  ) throws -> any JobHandle {
    let session = try transport.openSession(
      to: endpoint, as: identity, expecting: [.driver], timeout: .seconds(10))
    let handle = Handle(session.connection)
    session.connection.start { event in
      switch event {
      case .frames(let frames): for frame in frames { handle.receive(frame, onEvent) }
      case .closed(let reason): handle.lost(reason, onEvent)
      }
    }
    session.connection.send(ClientMessage.submit(text: job, name: name, force: force).frame)
    return handle
  }

  private final class Handle: JobHandle {
    private let outcome = Monitor<JobOutcome?>(nil)
    private let connection: any Connection

    init(_ connection: any Connection) {
      self.connection = connection
    }

    func cancel() { connection.send(ClientMessage.cancel.frame) }

    func wait() -> JobOutcome {
      // The connection ends every wait: keepalive and the driver's own end close it.
      while true {
        if let outcome = outcome.wait(.seconds(3600), until: { $0 }) {
          connection.close(within: .seconds(1))
          return outcome
        }
      }
    }

    func receive(_ frame: Frame, _ onEvent: (JobEvent) -> Void) {
      do {
        guard case .event(let event) = try ClientReply(frame) else { return }
        onEvent(event)
        if case .finished(let result) = event { outcome.change { $0 = result } }
      } catch {
        connection.abort()
      }
    }

    func lost(_ reason: CloseReason, _ onEvent: (JobEvent) -> Void) {
      guard outcome.withLock({ $0 }) == nil else { return }
      let result = JobOutcome.failed("the driver is gone (\(reason)); the job's end is unknown")
      onEvent(.finished(result))
      outcome.change { $0 = result }
    }
  }
}
