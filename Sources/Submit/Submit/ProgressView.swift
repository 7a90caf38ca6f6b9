import Basics
import Jobs
import Wire

/// Draws the progress of a job as lines no longer than the terminal is wide.
package struct ProgressView: Sendable {
  package let style: TextStyle

  package init(style: TextStyle) { self.style = style }

  /// Lines that change while the current step runs: finished stages a line (stages of the same name, such as
  /// iterations, share one), running ones a bar.
  package func live(_ job: JobProgress) -> [String] {
    guard let current = job.current, job.outcome == nil else { return [] }
    let step = job.steps[current]
    var lines = stages(step)
    // The running stages are the last ones; the title goes above, the status below.
    lines = Array(lines.suffix(max(1, style.height - 4)))
    lines.insert(title(job, current), at: 0)
    if !job.status.isEmpty {
      lines.append(style.paint(style.clean("  \(job.status)", width: style.width), .dim))
    }
    return lines
  }

  /// The line that stays when a step is done.
  package func finished(_ job: JobProgress, step index: Int) -> String {
    let step = job.steps[index]
    let how = step.report?.skipped == true ? "up to date" : Quantity.seconds(step.seconds ?? 0)
    var parts = ["[\(index + 1)/\(job.steps.count)] \(step.name)", how]
    let rows = step.stages.map(\.metrics.rowsRead).max() ?? 0
    if rows > 0 { parts.append(Quantity.count(rows, "row")) }
    let line = style.clean("\(mark) " + parts.joined(separator: "  "), width: style.width)
    return style.paint(line, .green)
  }

  /// The line that stays when something happened that is worth knowing.
  package func notice(_ text: String) -> String {
    style.paint(style.clean("! " + text, width: style.width), .yellow)
  }

  private var mark: String { style.unicode ? "✔" : "+" }

  private func title(_ job: JobProgress, _ index: Int) -> String {
    let id = job.id.map { "  \($0)" } ?? ""
    let text = "[\(index + 1)/\(job.steps.count)] \(job.steps[index].name)\(id)"
    return style.paint(style.clean(text, width: style.width), .bold)
  }

  private func stages(_ step: JobProgress.StepState) -> [String] {
    let nameWidth = min(max(step.stages.map(\.name.count).max() ?? 0, 8), max(8, style.width / 3))
    var lines: [String] = []
    var index = 0
    while index < step.stages.count {
      let stage = step.stages[index]
      guard stage.isDone else {
        lines.append(running(stage, nameWidth))
        index += 1
        continue
      }
      var same = index + 1
      while same < step.stages.count, step.stages[same].isDone, step.stages[same].name == stage.name {
        same += 1
      }
      lines.append(done(step.stages[index..<same], nameWidth))
      index = same
    }
    return lines
  }

  private func running(_ stage: StageProgress, _ nameWidth: Int) -> String {
    let name = PlainText.padded(style.clean(stage.name, width: nameWidth), nameWidth)
    if stage.running == 0, stage.done == 0, stage.failedAttempts == 0 {
      let text = style.clean("  \(name)  \(Quantity.count(stage.tasks, "task")) waiting", width: style.width)
      return style.paint(text, .dim)
    }
    var parts = ["\(stage.done)/\(stage.tasks)"] + numbers(stage.metrics, stage.elapsedSeconds)
    if stage.running > 0 { parts.append("\(stage.running) running") }
    if stage.failedAttempts > 0 { parts.append("\(stage.failedAttempts) failed") }
    parts.append(Quantity.seconds(stage.elapsedSeconds))
    let text = parts.joined(separator: "  ")
    let barWidth = min(30, style.width - nameWidth - text.count - 6)
    guard barWidth >= 5 else { return style.clean("  \(name)  \(text)", width: style.width) }
    let share = stage.tasks > 0 ? Double(min(max(stage.done, 0), stage.tasks)) / Double(stage.tasks) : 0
    let filled = Int((share * Double(barWidth)).rounded(.down))
    let bar =
      style.paint(String(repeating: style.unicode ? "█" : "#", count: filled), .cyan)
      + style.paint(String(repeating: style.unicode ? "░" : "-", count: barWidth - filled), .dim)
    return "  \(name)  \(bar)  " + (stage.failedAttempts > 0 ? style.paint(text, .yellow) : text)
  }

  private func done(_ stages: ArraySlice<StageProgress>, _ nameWidth: Int) -> String {
    guard let first = stages.first else { return "" }
    let name = PlainText.padded(style.clean(first.name, width: nameWidth), nameWidth)
    var metrics = first.metrics
    for stage in stages.dropFirst() { metrics += stage.metrics }
    let seconds = stages.reduce(0) { $0 + $1.elapsedSeconds }
    let failed = stages.reduce(0) { $0 + $1.failedAttempts }
    var parts = [Quantity.count(stages.reduce(0) { $0 + $1.tasks }, "task")]
    if stages.count > 1 { parts.insert("\(stages.count) times", at: 0) }
    parts += numbers(metrics, seconds)
    if failed > 0 { parts.append("\(failed) failed") }
    parts.append(Quantity.seconds(seconds))
    return style.paint(
      style.clean("\(mark) \(name)  \(parts.joined(separator: "  "))", width: style.width), .dim)
  }

  /// Rows, and bytes a second from wherever they come.
  private func numbers(_ metrics: TaskMetrics, _ seconds: Double) -> [String] {
    var parts: [String] = []
    if metrics.rowsRead > 0 { parts.append(Quantity.count(metrics.rowsRead, "row")) }
    let bytes = Double(metrics.bytesRead) + Double(metrics[.shuffleReadBytes])
    if bytes > 0, seconds > 0 { parts.append(Quantity.bytes(bytes / seconds) + "/s") }
    return parts
  }
}
