import Basics
import Telemetry

/// Formats API documents about jobs for a terminal.
enum JobsText {
  static func hasEnded(_ document: JSONValue) -> Bool {
    (document["state"]?.text).flatMap(JobRecord.State.init)?.isEnd ?? true
  }

  static func list(_ document: JSONValue, _ style: TextStyle) -> String {
    let jobs = document["jobs"]?.items ?? []
    guard !jobs.isEmpty else { return "no jobs\n" }
    var rows = [["ID", "STATE", "STEPS", "TIME", "SUBMITTED", "NAME"]]
    for job in jobs {
      rows.append([
        job["id"]?.text ?? "", job["state"]?.text ?? "",
        "\(job["stepsDone"]?.int ?? 0)/\(job["stepCount"]?.int ?? 0)",
        job["seconds"]?.double.map(Quantity.seconds) ?? "", shortened(job["submitted"]?.text),
        style.clean(job["name"]?.text ?? ""),
      ])
    }
    return PlainText.table(rows)
  }

  static func status(_ job: JSONValue, _ style: TextStyle) -> String {
    let name = style.clean(job["name"]?.text ?? "")
    var text = style.paint("\(name) (\(job["id"]?.text ?? "")): \(job["state"]?.text ?? "")", .bold)
    if let seconds = job["seconds"]?.double { text += ", \(Quantity.seconds(seconds))" }
    text += "\n"
    let steps = (job["steps"]?.items ?? []).enumerated().map { index, step in
      [
        "  \(index + 1). \(style.clean(step["name"]?.text ?? ""))",
        step["skipped"]?.bool == true ? "up to date" : step["state"]?.text ?? "",
        step["seconds"]?.double.map(Quantity.seconds) ?? "", style.clean(step["output"]?.text ?? ""),
      ]
    }
    if !steps.isEmpty { text += PlainText.table(steps) }
    if let status = job["status"]?.text { text += "  \(style.clean(status))\n" }
    if let error = job["error"]?.text { text += style.paint("  \(style.clean(error))", .red) + "\n" }
    return text
  }

  static func line(_ line: JSONValue, _ style: TextStyle) -> String {
    "\(line["time"]?.text ?? "")  \(style.clean(line["text"]?.text ?? ""))"
  }

  private static func shortened(_ time: String?) -> String {
    guard let time else { return "" }
    return String(time.prefix(19)).replacing("T", with: " ")
  }
}
