import Engine
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
    let submission = JobSubmission(name: name, text: job, force: force, isDetached: false)
    session.connection.send(ClientMessage.submit(submission, id: nil).frame)
    return handle
  }

  /// Hands a job over to the driver, which goes on with it alone.
  /// - Parameter id: nil for one of the driver's choice.
  /// - Returns: The job as the driver has it.
  /// - Throws: ``JobRefusal``, or what keeps the driver from being asked.
  package func detach(_ submission: JobSubmission, as id: JobID?) throws -> JSONValue {
    try exchange(.submit(submission, id: id))
  }

  /// - Returns: The document that the HTTP API has for it.
  /// - Throws: ``JobRefusal``, or what keeps the driver from being asked.
  package func ask(_ question: JobQuestion) throws -> JSONValue { try exchange(.ask(question)) }

  private func exchange(_ message: ClientMessage) throws -> JSONValue {
    let session = try transport.openSession(
      to: endpoint, as: identity, expecting: [.driver], timeout: .seconds(10))
    let answer = Monitor<Result<String, JobRefusal>?>(nil)
    session.connection.start { event in
      let result: Result<String, JobRefusal>
      switch event {
      case .frames(let frames):
        guard let frame = frames.first else { return }
        switch try? ClientReply(frame) {
        case .answer(let text): result = .success(text)
        case .refused(let reason), .event(.finished(.failed(let reason))):
          result = .failure(JobRefusal(description: reason))
        default: result = .failure(JobRefusal(description: "the driver's answer is none"))
        }
      case .closed(let reason): result = .failure(JobRefusal(description: "the driver is gone (\(reason))"))
      }
      answer.change { if $0 == nil { $0 = result } }
    }
    session.connection.send(message.frame)
    defer { session.connection.close(within: .seconds(1)) }
    guard let result = answer.wait(.seconds(30), until: { $0 }) else {
      throw JobRefusal(description: "the driver has not answered for 30 s")
    }
    return try JSONText.parse(try result.get())
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

/// Why a driver does not do what it was asked, in words.
package struct JobRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
}
