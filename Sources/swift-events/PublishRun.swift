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
    // Five times per second on a terminal, otherwise one line every five seconds.
    let interval = Watched.isTerminal ? 0.2 : 5
    let rate = RecentRate(seconds: Watched.isTerminal ? 2 : 5)
    let progress: @Sendable () -> String = { [publisher] in
      let (sent, delivered) = publisher.progress
      return "\(sent) sent, \(delivered) delivered, \(rate.add(delivered)) events/s"
    }
    let result = Watched.run(
      first: interval, every: interval, stop: publisher.cancel, line: progress, publisher.run)
    switch result {
    case .failure(let error):
      let (sent, delivered) = publisher.progress
      Watched.tell("\(error)\n\(delivered) of \(sent) messages were delivered")
      return ExitCode.failed
    case .success(let summary):
      Watched.tell(text(summary))
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
}
