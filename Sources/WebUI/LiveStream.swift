import Basics
import HTTP
import Synchronization
import Wire

/// Server-sent events: the cluster and the job shown by the page, when they change, about once per second.
final class LiveStream: HTTPStream {
  private static let interval: Duration = .milliseconds(700)
  private static let silence: Duration = .seconds(5)

  private let source: any WebSource
  private let job: JobID?
  private let overview: @Sendable () -> JSONValue
  private let isClosed: @Sendable () -> Bool
  private let state = Mutex((version: -1, sent: ContinuousClock.now - .seconds(60), cluster: "", job: ""))

  init(
    _ source: any WebSource, job: JobID?, overview: @escaping @Sendable () -> JSONValue,
    isClosed: @escaping @Sendable () -> Bool
  ) {
    self.source = source
    self.job = job
    self.overview = overview
    self.isClosed = isClosed
  }

  func next() -> [UInt8]? {
    let start = ContinuousClock.now
    while !isClosed() {
      let (version, sent) = state.withLock { ($0.version, $0.sent) }
      let rest = sent + LiveStream.interval - ContinuousClock.now
      // Short waits, so that closing the server is quick.
      let now = source.wait(
        beyond: rest > .zero ? .max : version,
        rest > .zero ? min(rest, .milliseconds(300)) : .milliseconds(500))
      if rest > .zero { continue }
      if now != version, let text = changes(now) { return Array(text.utf8) }
      if ContinuousClock.now - start > LiveStream.silence { return Array(": still here\n\n".utf8) }
    }
    return nil
  }

  private func changes(_ version: Int) -> String? {
    let cluster = JSONText.compact(overview())
    let page = job.map { source.page(of: $0) ?? "null" }
    return state.withLock { state in
      state.version = version
      state.sent = .now
      var text = ""
      if cluster != state.cluster { text += "event: cluster\ndata: \(cluster)\n\n" }
      if let page, page != state.job { text += "event: job\ndata: \(page)\n\n" }
      state.cluster = cluster
      state.job = page ?? ""
      return text.isEmpty ? nil : text
    }
  }
}
