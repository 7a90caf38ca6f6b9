import Basics
import CommandLine
import EventGenerator
import Foundation

/// Writes the files, with progress, Ctrl-C handling and a summary on stderr.
final class EventsRun {
  private let files: EventFiles
  private let output: String
  private let total: Int

  init(files: EventFiles, output: String, total: Int) {
    self.files = files
    self.output = output
    self.total = total
  }

  /// - Returns: The exit code.
  func run(force: Bool) -> Int32 {
    do {
      switch force ? .nothing : try files.existing() {
      case .nothing: break
      case .same:
        tell("\(output) already holds these events; --force writes them again")
        return ExitCode.done
      case .other:
        tell("\(output) is not empty; choose another folder, or replace it with --force")
        return ExitCode.failed
      }
      let interrupts = Interruption.catching { [files] in files.cancel() }
      let progress = showProgress()
      defer { interrupts.forEach { $0.cancel() } }
      let result = Result { try files.run() }
      progress?.cancel()
      clearProgress()
      let summary = try result.get()
      let rate = Int(Double(summary.events) / max(summary.seconds, 1e-6))
      let malformed = summary.malformed > 0 ? ", \(summary.malformed) malformed lines" : ""
      tell(
        "\(summary.events) events\(malformed) in \(summary.files) files, \(megabytes(summary.bytes)) of lines, "
          + "\(megabytes(summary.storedBytes)) stored, "
          + "\(String(format: "%.2f", summary.seconds)) s, \(rate) events/s, in \(output)")
      return ExitCode.done
    } catch GeneratorError.cancelled {
      tell("interrupted; nothing was written")
      return ExitCode.interrupted
    } catch {
      tell("\(error)")
      return ExitCode.failed
    }
  }

  private func tell(_ message: String) { StandardError.write("swift-events: \(message)\n") }

  private func megabytes(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) / 1e6) }

  private func showProgress() -> (any DispatchSourceTimer)? {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now() + 0.5, repeating: 0.2)
    timer.setEventHandler { [files, total] in
      let done = files.progress
      StandardError.write("\r\(done) of \(total) events (\(done * 100 / max(1, total)) %)\u{1b}[K")
    }
    timer.resume()
    return timer
  }

  private func clearProgress() {
    if isatty(STDERR_FILENO) == 1 { StandardError.write("\r\u{1b}[K") }
  }
}
