import Basics
import Foundation

/// A run with progress on stderr. The first Ctrl-C (or SIGTERM) stops it cleanly, the second one ends the process.
enum Watched {
  static let isTerminal = isatty(STDERR_FILENO) == 1

  static func tell(_ message: String) { StandardError.write("swift-events: \(message)\n") }

  /// - Parameters:
  ///   - first: Seconds until the first line of progress.
  ///   - every: Seconds between lines.
  ///   - line: The progress, which replaces the line before on a terminal; nil for none.
  static func run<Summary>(
    first: Double, every: Double, stop: @escaping @Sendable () -> Void,
    line: (@Sendable () -> String)?, _ body: () throws -> Summary
  ) -> Result<Summary, any Error> {
    let interrupts = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        stop()
        signal(number, SIG_DFL)
      }
      source.resume()
      return source
    }
    let timer = line.map { line in
      let timer = DispatchSource.makeTimerSource(queue: .global())
      timer.schedule(deadline: .now() + first, repeating: every)
      timer.setEventHandler { isTerminal ? StandardError.write("\r\(line())\u{1b}[K") : tell(line()) }
      timer.resume()
      return timer
    }
    defer {
      timer?.cancel()
      if isTerminal { StandardError.write("\r\u{1b}[K") }
      interrupts.forEach { $0.cancel() }
    }
    return Result { try body() }
  }
}
