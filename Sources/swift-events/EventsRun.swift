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
        Watched.tell("\(output) already holds these events; --force writes them again")
        return ExitCode.done
      case .other:
        Watched.tell("\(output) is not empty; choose another folder, or replace it with --force")
        return ExitCode.failed
      }
      let progress: @Sendable () -> String = { [files, total] in
        let done = files.progress
        return "\(done) of \(total) events (\(done * 100 / max(1, total)) %)"
      }
      let summary = try Watched.run(
        first: 0.5, every: 0.2, stop: files.cancel, line: Watched.isTerminal ? progress : nil, files.run
      ).get()
      let rate = Int(Double(summary.events) / max(summary.seconds, 1e-6))
      let malformed = summary.malformed > 0 ? ", \(summary.malformed) malformed lines" : ""
      Watched.tell(
        "\(summary.events) events\(malformed) in \(summary.files) files, \(megabytes(summary.bytes)) of lines, "
          + "\(megabytes(summary.storedBytes)) stored, "
          + "\(String(format: "%.2f", summary.seconds)) s, \(rate) events/s, in \(output)")
      return ExitCode.done
    } catch GeneratorError.cancelled {
      Watched.tell("interrupted; nothing was written")
      return ExitCode.interrupted
    } catch {
      Watched.tell("\(error)")
      return ExitCode.failed
    }
  }

  private func megabytes(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) / 1e6) }
}
