import Basics

/// Rebuilds a job's record and page from its event log.
package struct JobReplay: Sendable {
  private var view = ClusterView()
  private var last: Moment?
  /// nil until the submission was read.
  package private(set) var record: JobRecord?

  package init() {}

  package mutating func apply(_ event: ClusterEvent) {
    view.apply(event)
    last = event.at
    switch event.what {
    case .jobSubmitted(let submitted): record = submitted
    case .jobStarted: record?.begin(at: event.at)
    case .job(_, let what): record?.apply(what, at: event.at)
    default: break
    }
  }

  /// JSON text, as of the last event.
  package var page: String? {
    record.flatMap { view.page(of: $0.id, now: last ?? $0.submitted) }
  }
}
