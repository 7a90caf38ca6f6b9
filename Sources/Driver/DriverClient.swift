import Basics
import Jobs
import Synchronization
import Telemetry
import Transport
import Wire

/// Submits jobs to a driver, over the network or inside this process.
package struct DriverClient: JobClient {
  package static let rejoin: Duration = .seconds(60)

  private let transport: any Transport
  private let endpoint: Endpoint
  private let identity: Identity
  private let rejoin: Duration

  /// - Parameter rejoin: How long to look for a driver that is gone and keeps its jobs.
  package init(
    _ endpoint: Endpoint, over transport: any Transport, secret: Secret?, name: String,
    rejoin: Duration = DriverClient.rejoin
  ) {
    self.endpoint = endpoint
    self.rejoin = rejoin
    self.transport = transport
    identity = Identity(role: .client, name: name, secret: secret)
  }

  package func submit(
    _ job: String, name: String, force: Bool, onEvent: @escaping @Sendable (JobEvent) -> Void
  ) throws -> any JobHandle {
    let handle = RemoteJob(endpoint, rejoin: rejoin, open: { try open() }, onEvent: onEvent)
    try handle.submit(JobSubmission(name: name, text: job, force: force, isDetached: false))
    return handle
  }

  private func open() throws -> any Connection {
    try transport.openSession(to: endpoint, as: identity, expecting: [.driver], timeout: .seconds(10))
      .connection
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
    let frame = try message.frame
    let connection = try open()
    let answer = Monitor<Result<String, JobRefusal>?>(nil)
    connection.start { event in
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
    connection.send(frame)
    defer { connection.close(within: .seconds(1)) }
    guard let result = answer.wait(.seconds(30), until: { $0 }) else {
      throw JobRefusal(description: "the driver has not answered for 30 s")
    }
    return try JSONText.parse(try result.get())
  }
}

/// Why a driver does not do what it was asked, in words.
package struct JobRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
}
