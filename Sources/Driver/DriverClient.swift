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

  /// - Parameter rejoin: How long to try to reconnect to a lost driver that keeps its jobs.
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

  /// Submits a job that runs on without this client.
  /// - Parameter id: nil to let the driver choose.
  /// - Returns: The driver's record of the job.
  /// - Throws: ``JobRefusal``, or why the driver cannot be reached.
  package func detach(_ submission: JobSubmission, as id: JobID?) throws -> JSONValue {
    try exchange(.submit(submission, id: id))
  }

  /// - Returns: The same document as the HTTP API.
  /// - Throws: ``JobRefusal``, or why the driver cannot be reached.
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
        default: result = .failure(JobRefusal(description: "the driver's answer is malformed"))
        }
      case .closed(let reason): result = .failure(JobRefusal(description: "the driver was lost (\(reason))"))
      }
      answer.change { if $0 == nil { $0 = result } }
    }
    connection.send(frame)
    defer { connection.close(within: .seconds(1)) }
    guard let result = answer.wait(.seconds(30), until: { $0 }) else {
      throw JobRefusal(description: "the driver did not answer within 30 s")
    }
    return try JSONText.parse(try result.get())
  }
}

/// Why a driver refuses a request, as a message.
package struct JobRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
}
