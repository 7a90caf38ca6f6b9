extension Command {
  /// The text of `--help`, wrapped at `width` columns.
  package func help(width: Int = 100) -> String {
    let rows =
      options.map { option in
        (name: "--\(option.name)" + (option.value.map { " \($0)" } ?? ""), help: Command.describe(option))
      } + [
        (name: "--help", help: "Show this help."), (name: "--version", help: "Show the version."),
      ]
    let column = min(rows.map(\.name.count).max() ?? 0, 32) + 4
    var text = Command.wrap(summary, width: width, indent: 0) + "\n\n"
    text += "Usage: \(name) [options]" + (positional.map { " \($0)" } ?? "") + "\n\nOptions:\n"
    for row in rows {
      let label = "  \(row.name)"
      let description = Command.wrap(row.help, width: width, indent: column)
      if label.count + 2 > column {
        text += label + "\n" + String(repeating: " ", count: column) + description + "\n"
      } else {
        text += label + String(repeating: " ", count: column - label.count) + description + "\n"
      }
    }
    text += "\nExample:\n"
    for line in example.split(separator: "\n") { text += "  \(line)\n" }
    return text
  }

  private static func describe(_ option: CommandOption) -> String {
    var text = option.help
    if let defaultValue = option.defaultValue { text += " Default: \(defaultValue)." }
    if option.repeats { text += " May be repeated." }
    return text
  }

  /// Wraps text at spaces; all lines but the first are indented by `indent` spaces.
  package static func wrap(_ text: String, width: Int, indent: Int) -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, indent + line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    lines.append(line)
    return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
  }
}
