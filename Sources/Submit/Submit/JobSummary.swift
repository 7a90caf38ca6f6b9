import Basics

/// The summary at the end of a job.
package struct JobSummary: Sendable {
  package let progress: JobProgress
  /// From submission to end.
  package let seconds: Double

  private var status: String {
    switch progress.outcome {
    case .done: "done"
    case .cancelled: "cancelled"
    case .failed, nil: "failed"
    }
  }

  /// For the terminal; ends with a newline.
  package func text(_ style: TextStyle) -> String {
    let id = progress.id.map { " (\($0))" } ?? ""
    var text =
      style.paint("\(style.clean(progress.name + id)): \(status)", .bold)
      + " in \(Quantity.seconds(seconds))\n"
    let arrow = style.unicode ? "→" : "->"
    text += PlainText.table(
      progress.steps.enumerated().map { index, step in
        let output = style.clean(step.report?.output ?? "")
        return [
          "  \(index + 1). \(style.clean(step.name))", took(step), counted(step),
          output.isEmpty ? "" : "\(arrow) \(output)",
        ]
      }, separator: "   ")
    if !troubles.isEmpty { text += "\n" }
    for line in troubles { text += style.paint(style.clean(line), .yellow) + "\n" }
    for step in progress.steps {
      guard let report = step.report, !report.text.isEmpty else { continue }
      text += "\n" + style.cleanLines(report.text) + (report.text.hasSuffix("\n") ? "" : "\n")
    }
    return text
  }

  private func took(_ step: JobProgress.StepState) -> String {
    guard let report = step.report else { return "not finished" }
    return report.skipped ? "up to date" : Quantity.seconds(step.seconds ?? 0)
  }

  private func counted(_ step: JobProgress.StepState) -> String {
    guard let report = step.report, !report.skipped else { return "" }
    func value(_ key: String) -> Int? { report.values[key]?.int }
    let read = value("recordsRead") ?? step.stages.map(\.metrics.rowsRead).max() ?? 0
    var parts: [String] = []
    if read > 0 { parts.append("\(Quantity.count(read)) rows read") }
    if let rejected = value("recordsRejected"), rejected > 0 {
      parts.append("\(Quantity.count(rejected)) rejected")
    }
    if let written = value("rowsWritten") { parts.append("\(Quantity.count(written)) written") }
    let spilled = JobSummary.spilled(step)
    if spilled > 0 { parts.append("\(Quantity.bytes(Double(spilled))) spilled to disk") }
    return parts.joined(separator: ", ")
  }

  /// Bytes that the step's tasks spilled to local disks.
  private static func spilled(_ step: JobProgress.StepState) -> Int {
    step.stages.reduce(0) { $0.addingReportingOverflow($1.metrics[.spilledBytes]).partialValue }
  }

  /// Lines such as `3 task attempts failed and were retried; worker-2 was lost`; more than two notices are a list.
  private var troubles: [String] {
    let failed = progress.failedAttempts
    var parts: [String] = []
    if failed > 0 {
      let retried = progress.outcome == .done ? (failed == 1 ? " and was retried" : " and were retried") : ""
      parts.append("\(Quantity.count(failed, "task attempt")) failed\(retried)")
    }
    // Repeated notices are printed once, and a long list is cut.
    var told: [String] = []
    for notice in progress.notices where !told.contains(notice) { told.append(notice) }
    parts += told.prefix(8)
    if told.count > 8 { parts.append("and \(told.count - 8) more") }
    guard told.count > 2 else { return parts.isEmpty ? [] : [parts.joined(separator: "; ")] }
    return parts.prefix(1) + parts.dropFirst().map { "  " + $0 }
  }

  /// The object of `--json`. A step's own values are added, but cannot replace `type`, `name`, `seconds` and
  /// `output`.
  package var json: JSONValue {
    var object: [String: JSONValue] = [
      "job": .string(progress.name), "id": .text(progress.id),
      "status": .string(status), "seconds": .seconds(seconds),
      "failedAttempts": .count(progress.failedAttempts),
      "notices": .array(progress.notices.map { .string($0) }),
      "steps": .array(progress.steps.compactMap(json)),
    ]
    switch progress.outcome {
    case .failed(let message): object["error"] = .string(message)
    case nil: object["error"] = .string("the job did not end")
    default: break
    }
    return .object(object)
  }

  private func json(_ step: JobProgress.StepState) -> JSONValue? {
    guard let report = step.report else { return nil }
    var object = report.values
    object["type"] = .string(step.type)
    object["name"] = .string(step.name)
    object["seconds"] = .seconds(step.seconds ?? 0)
    object["output"] = .string(report.output)
    object["spilledBytes"] = .count(JobSummary.spilled(step))
    object["skipped"] = .bool(report.skipped)
    return .object(object)
  }
}
