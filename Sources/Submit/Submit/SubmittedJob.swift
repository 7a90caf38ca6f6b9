import Foundation
import Jobs
import Synchronization

/// A job from its submission to its end: folds events, shows progress, passes an interruption on.
package final class SubmittedJob: Sendable {
  private struct State {
    var progress: JobProgress
    var handle: (any JobHandle)?
    var interrupted = false
    /// Lines that stay on the terminal and were not drawn yet.
    var permanent: [String] = []
  }

  private static let noticesAtOnce = 20

  private let state: Mutex<State>
  private let console: SubmitConsole
  private let display: LiveDisplay?
  private let drawing = DispatchQueue(label: "progress")
  private let quiet: Bool

  package init(_ job: ResolvedJob, name: String, console: SubmitConsole, quiet: Bool) {
    let progress = JobProgress(name: name, steps: job.steps.map { ($0.type, $0.name) })
    state = Mutex(State(progress: progress))
    self.console = console
    self.quiet = quiet
    display = quiet || console.errorStyle() == nil ? nil : LiveDisplay(write: console.error)
  }

  /// Blocks until the job has ended. The caller's thread draws nothing.
  package func run(_ job: ResolvedJob, client: any JobClient, force: Bool) -> JobSummary {
    let start = ContinuousClock.now
    let timer = display.map { _ in startDrawing() }
    let outcome: JobOutcome
    do {
      let name = state.withLock { $0.progress.name }
      let handle = try client.submit(job.json, name: name, force: force) { [self] in receive($0) }
      let cancelNow = state.withLock { state in
        state.handle = handle
        return state.interrupted
      }
      if cancelNow { handle.cancel() }
      outcome = handle.wait()
    } catch {
      outcome = .failed("\(error)")
    }
    timer?.cancel()
    let progress = state.withLock { state in
      state.progress.apply(.finished(outcome))
      return state.progress
    }
    // After a drawing that is under way.
    drawing.sync { draw() }
    closeDisplay()
    return JobSummary(progress: progress, seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  /// Asks the job to stop, now or as soon as it has been sent.
  package func interrupt() {
    let handle = state.withLock { state in
      state.interrupted = true
      state.progress.apply(.status("stopping; interrupt again to leave at once"))
      return state.handle
    }
    handle?.cancel()
  }

  package var wasInterrupted: Bool { state.withLock { $0.interrupted } }

  /// Gives the terminal back; nothing is drawn after it.
  package func closeDisplay() { display?.close() }

  private func receive(_ event: JobEvent) {
    let style = console.errorStyle() ?? TextStyle(width: 200)
    let line: String? = state.withLock { state in
      let told = state.progress.notices
      state.progress.apply(event)
      let view = ProgressView(style: style)
      let line: String
      switch event {
      case .stepFinished(let index, _, _) where state.progress.steps.indices.contains(index):
        line = view.finished(state.progress, step: index)
      // A storm of them is told at the end, in short.
      case .notice(let text) where told.count < SubmittedJob.noticesAtOnce && !told.contains(text):
        line = view.notice(text)
      default: return nil
      }
      if display != nil { state.permanent.append(line) }
      return line
    }
    if let line, display == nil, !quiet { console.error(line + "\n") }
  }

  private func draw() {
    guard let display, let style = console.errorStyle() else { return }
    let (lines, permanent) = state.withLock { state in
      defer { state.permanent = [] }
      return (ProgressView(style: style).live(state.progress), state.permanent)
    }
    display.draw(lines, permanent: permanent)
  }

  /// Ten times a second, on a queue of its own: events never wait for the terminal.
  private func startDrawing() -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource(queue: drawing)
    timer.schedule(deadline: .now() + .milliseconds(100), repeating: .milliseconds(100))
    timer.setEventHandler { [self] in draw() }
    timer.resume()
    return timer
  }
}
