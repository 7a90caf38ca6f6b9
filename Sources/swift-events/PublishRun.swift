import Basics
import CommandLine
import EventGenerator
import Foundation

/// Publishes events, with progress, Ctrl-C handling and a summary on stderr.
final class PublishRun {
  private let publisher: EventPublisher
  private let location: String

  init(_ publisher: EventPublisher, location: String) {
    self.publisher = publisher
    self.location = location
  }

  /// - Returns: The exit code.
  func run() -> Int32 {
    let interrupts = Interruption.catching { [publisher] in publisher.cancel() }
    let progress = showProgress()
    defer { interrupts.forEach { $0.cancel() } }
    let result = Result { try publisher.run() }
    progress.cancel()
    clearProgress()
    switch result {
    case .failure(let error):
      let (sent, delivered) = publisher.progress
      tell("\(error)\n\(delivered) of \(sent) messages were delivered")
      return ExitCode.failed
    case .success(let summary):
      tell(text(summary))
      if summary.failed > 0 { return ExitCode.failed }
      return summary.wasInterrupted ? ExitCode.interrupted : ExitCode.done
    }
  }

  private func text(_ summary: EventPublisherSummary) -> String {
    let rate = Int(Double(summary.delivered) / max(summary.seconds, 1e-6))
    var text = summary.wasInterrupted ? "interrupted; " : ""
    text += "\(summary.delivered) of \(summary.sent) messages delivered"
    if summary.malformed > 0 { text += " (\(summary.malformed) malformed)" }
    text += String(
      format: ", %.1f MB, %.2f s, \(rate) events/s, to \(location)", Double(summary.bytes) / 1e6,
      summary.seconds
    )
    if let failure = summary.failure {
      text += "\n\(summary.failed) messages failed; the first: \(failure)"
    }
    return text
  }

  private func tell(_ message: String) { StandardError.write("swift-events: \(message)\n") }

  /// Five times per second on a terminal, otherwise one line every five seconds.
  private func showProgress() -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource(queue: .global())
    let isTerminal = isatty(STDERR_FILENO) == 1
    let interval = isTerminal ? 0.2 : 5
    timer.schedule(deadline: .now() + interval, repeating: interval)
    let rate = RecentRate(seconds: isTerminal ? 2 : 5)
    timer.setEventHandler { [publisher] in
      let (sent, delivered) = publisher.progress
      let line = "\(sent) sent, \(delivered) delivered, \(rate.add(delivered)) events/s"
      StandardError.write(isTerminal ? "\r\(line)\u{1b}[K" : "swift-events: \(line)\n")
    }
    timer.resume()
    return timer
  }

  private func clearProgress() {
    if isatty(STDERR_FILENO) == 1 { StandardError.write("\r\u{1b}[K") }
  }
}
