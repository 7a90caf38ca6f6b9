import Foundation

/// Numbers and places for people; the same text in every locale.
package enum PlainText {
  /// Three significant digits, those of thousands all kept: `0.417`, `12.3`, `1,234`.
  package static func number(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    let magnitude = value.magnitude
    if magnitude >= 1e15 { return String(format: "%.3g", value) }
    if magnitude >= 100 { return (value < 0 ? "-" : "") + count(Int(magnitude.rounded())) }
    if magnitude != 0, magnitude < 0.001 { return String(format: "%.2g", value) }
    let digits = magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3
    var text = String(format: "%.\(digits)f", value)
    while text.hasSuffix("0") { text.removeLast() }
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// `1,234,567`.
  package static func count(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits = String(digits.dropLast(3))
    }
    return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// A name in a folder, whose own may end with a slash.
  package static func path(_ folder: String, _ name: String) -> String {
    folder + (folder.hasSuffix("/") ? "" : "/") + name
  }

  package static func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return left ? space + text : text + space
  }

  /// A bar of eighths, `width` characters at a share of 1.
  package static func bar(_ share: Double, width: Int) -> String {
    let eighths = Int((max(0, min(1, share)) * Double(width) * 8).rounded())
    let parts: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let rest = eighths % 8
    return String(repeating: "█", count: eighths / 8) + (rest > 0 ? String(parts[rest - 1]) : "")
  }
}
