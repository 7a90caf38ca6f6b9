import Synchronization
import Transport
import Wire

/// A client's connection on the driver's side: starts its job, sends the job's events, cancels it when the client asks or is
/// gone.
enum ClientLink {
  static func start(_ session: Session, driver: Driver) {
    let job = Mutex<JobRun?>(nil)
    let connection = session.connection
    let link = Link(job: job, connection: connection)
    connection.start { event in
      switch event {
      case .frames(let frames): link.receive(frames, driver: driver)
      case .closed: link.cancel()
      }
    }
  }

  private final class Link: Sendable {
    private let job: Mutex<JobRun?>
    private let connection: any Connection

    init(job: consuming Mutex<JobRun?>, connection: any Connection) {
      self.job = job
      self.connection = connection
    }

    func cancel() { job.withLock { $0 }?.cancel() }

    func receive(_ frames: [Frame], driver: Driver) {
      for frame in frames {
        do {
          switch try ClientMessage(frame) {
          case .cancel: cancel()
          case .submit(let text, let name, let force):
            guard job.withLock({ $0 }) == nil else {
              throw WireError.invalid("a second job on one connection")
            }
            let run = try driver.start(text, name: name, force: force) { [connection] event in
              connection.send(ClientReply.event(event).frame)
            }
            job.withLock { $0 = run }
          }
        } catch is WireError {
          return connection.abort()
        } catch {
          connection.send(ClientReply.event(.finished(.failed("\(error)"))).frame)
        }
      }
    }
  }
}
