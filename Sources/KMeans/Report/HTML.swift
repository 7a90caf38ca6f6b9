import Foundation

/// Builds HTML. All text from data goes through `escaped`.
enum HTML {
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // Characters not allowed in HTML, and marks that change the text direction.
      case "\u{0}"..<" " where scalar != "\n" && scalar != "\t", "\u{7f}"..."\u{9f}", "\u{202a}"..."\u{202e}",
        "\u{2066}"..."\u{2069}":
        result += "\u{fffd}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// An element with plain text.
  static func tag(_ name: String, _ text: String, classes: String? = nil) -> String {
    "<\(name)\(classes.map { " class=\"\($0)\"" } ?? "")>\(escaped(text))</\(name)>"
  }

  /// A number in SVG: short, independent of the locale.
  static func number(_ value: Double) -> String {
    var text = String(format: "%.2f", value)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text == "-0" ? "0" : text
  }
}
