// Small pieces of text output.

package enum PlainText {
  /// Joins a folder, which may end with a slash, and a name.
  package static func path(_ folder: String, _ name: String) -> String {
    folder + (folder.hasSuffix("/") ? "" : "/") + name
  }

  /// `00042`
  package static func zeroPadded(_ value: some BinaryInteger, _ width: Int) -> String {
    let digits = String(value.magnitude)
    return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  package static func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return left ? space + text : text + space
  }

  /// Rows as lines, with columns two spaces apart, without spaces at the end.
  /// - Parameter rightAligned: The columns whose cells are aligned on the right.
  package static func table(
    _ rows: [[String]], separator: String = "  ", rightAligned: some RangeExpression<Int> = ..<0
  ) -> String {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = row.indices.map { padded(row[$0], widths[$0], left: rightAligned.contains($0)) }
        .joined(separator: separator)
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  /// A bar of block characters, `width` characters for a share of 1.
  package static func bar(_ share: Double, width: Int) -> String {
    let eighths = Int((max(0, min(1, share)) * Double(width) * 8).rounded())
    let parts: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let rest = eighths % 8
    return String(repeating: "█", count: eighths / 8) + (rest > 0 ? String(parts[rest - 1]) : "")
  }
}
