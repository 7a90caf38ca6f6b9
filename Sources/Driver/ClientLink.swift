import Basics
import Jobs
import Synchronization
import Telemetry
import Transport
import Wire

/// The driver's side of a client connection: starts or follows the job, sends its events, and cancels it when the client asks or
/// is gone; or answers a query. Submitting may wait for a disk, so messages are handled on the driver's client thread,
/// never on the reactor's.
enum ClientLink {
  static func start(_ session: Session, driver: Driver) {
    let connection = session.connection
    let link = Link(connection: connection, driver: driver)
    connection.start { event in
      switch event {
      case .frames(let frames):
        // Back-pressure: a client that sends faster than the driver reads has to wait.
        let bytes = frames.encodedSize
        connection.hold(bytes)
        driver.forClients {
          link.receive(frames)
          connection.release(bytes)
        }
      case .closed: driver.forClients { link.leave() }
      }
    }
  }

  private final class Link: Sendable {
    /// Bytes waiting for the client from which on it is told of no progress.
    private static let mostProgress = 1 << 20

    private let job = Mutex<JobID?>(nil)
    private let connection: any Connection
    private let driver: Driver
    private let listener: JobListener

    init(connection: any Connection, driver: Driver) {
      self.connection = connection
      self.driver = driver
      let areKept = driver.jobs.areKept
      listener = JobListener { event in
        // A client that does not read gets no more progress, which would pile up; the rest is little.
        if case .progress = event, connection.pendingBytes > Link.mostProgress { return }
        var replies = [ClientReply.event(event)]
        // First of all: whoever sees the job run may stop the driver.
        if areKept, case .accepted(let id) = event { replies.insert(.kept(id), at: 0) }
        connection.send(replies.compactMap(\.sendable))
      }
    }

    func leave() {
      if let id = job.withLock({ $0 }) { driver.leave(id, listener) }
    }

    func cancel() {
      if let id = job.withLock({ $0 }) { _ = driver.cancel(id) }
    }

    func receive(_ frames: [Frame]) {
      for frame in frames {
        do {
          switch try ClientMessage(frame) {
          case .cancel: cancel()
          case .submit(let submission, let id): try submit(submission, id)
          case .ask(let question): reply(driver.answer(question))
          case .attach(let id): try attach(id)
          }
        } catch is WireError {
          return connection.abort()
        } catch {
          reply(.event(.finished(.failed("\(error)"))))
        }
      }
    }

    private func reply(_ reply: ClientReply) { connection.send([reply].compactMap(\.sendable)) }

    private func submit(_ submission: JobSubmission, _ id: JobID?) throws {
      guard job.withLock({ $0 }) == nil else { throw WireError.invalid("a second job on one connection") }
      guard !submission.isDetached else { return reply(detach(submission, id)) }
      let admission = try driver.submit(submission, as: id, listener: listener)
      switch admission {
      case .accepted(let record):
        job.withLock { $0 = record.id }
      case .known, .conflict, .full: reply(.event(.finished(.failed(admission.refusal ?? ""))))
      }
    }

    private func attach(_ id: JobID) throws {
      guard job.withLock({ $0 }) == nil else { throw WireError.invalid("a second job on one connection") }
      guard driver.jobs.follow(id, listener) else { return reply(.refused("it has no job \(id)")) }
      job.withLock { $0 = id }
    }

    /// Mistakes are reported now, as no client will be connected later.
    private func detach(_ submission: JobSubmission, _ id: JobID?) -> ClientReply {
      do {
        _ = try ResolvedJob(json: submission.text, registry: driver.registry)
        let admission = try driver.submit(submission, as: id, listener: nil)
        switch admission {
        case .accepted(let record), .known(let record):
          return .answer(JSONText.compact((driver.jobs[record.id] ?? record).json))
        case .conflict, .full: return .refused(admission.refusal ?? "")
        }
      } catch {
        return .refused("\(error)")
      }
    }
  }
}

extension JobLedger.Admission {
  /// Why no job was started, as a message.
  package var refusal: String? {
    switch self {
    case .accepted: nil
    case .known(let record): "job \(record.id) exists already; it is \(record.state.rawValue)"
    case .conflict: "another job was submitted under this id"
    case .full(let limit): "\(Quantity.count(limit, "job")) are queued already; retry when some have ended"
    }
  }
}

extension Driver {
  /// - Returns: The same document as the HTTP API.
  func answer(_ question: JobQuestion) -> ClientReply {
    switch question {
    case .list(let name):
      let state = JobRecord.State(rawValue: name)
      guard name.isEmpty || state != nil else {
        let known = JobRecord.State.allCases.map(\.rawValue).joined(separator: ", ")
        return .refused("unknown state '\(name)'; expected one of \(known)")
      }
      return .answer(JSONText.compact(["jobs": .array(jobs.list(state).map(\.json))]))
    case .status(let id): return answer(jobs[id]?.json, id)
    case .cancel(let id): return answer(cancel(id)?.json, id)
    case .logs(let id): return answer(jobs[id]?.linesJSON, id)
    }
  }

  private func answer(_ document: JSONValue?, _ id: JobID) -> ClientReply {
    document.map { .answer(JSONText.compact($0)) } ?? .refused("the driver has no job \(id)")
  }
}
