/// How text may look where it is going.
package struct TextStyle: Hashable, Sendable {
  package var width: Int
  package var height: Int
  package var color: Bool
  /// Whether `█` and `✔` can be shown.
  package var unicode: Bool

  package init(width: Int = 80, height: Int = 24, color: Bool = false, unicode: Bool = true) {
    self.width = width
    self.height = height
    self.color = color
    self.unicode = unicode
  }

  package enum Paint: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
  }

  func paint(_ text: String, _ paint: Paint) -> String {
    color && !text.isEmpty ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// The text without control characters, which could play tricks on a terminal, and cut to `width`.
  func clean(_ text: String, width: Int? = nil) -> String {
    let text = String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    guard let width, text.count > width else { return text }
    return width < 1 ? "" : text.prefix(width - 1) + (unicode ? "…" : ".")
  }

  /// The same line by line: messages and reports may name files and columns that somebody else has named.
  func cleanLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { clean(String($0)) }
      .joined(separator: "\n")
  }
}
