/// The places that a job file names.
enum JobURI {
  struct Invalid: Error, CustomStringConvertible {
    let description: String
  }

  /// - Parameter base: An absolute folder for relative paths; nil where they are mistakes.
  /// - Returns: An absolute path for plain and `file:` ones, others as they are. A `/` at the end, which says
  ///   "folder", is kept.
  static func absolute(_ text: String, base: String?) throws(Invalid) -> String {
    if text.unicodeScalars.contains(where: { $0.value < 0x20 }) {
      throw Invalid(description: "a path or URI cannot hold control characters")
    }
    guard let colon = text.firstIndex(of: ":"), isScheme(text[..<colon]) else {
      return try path(text, base: base)
    }
    let scheme = text[..<colon]
    let rest = text[text.index(after: colon)...]
    switch scheme {
    case "file":
      guard rest.hasPrefix("//") else { return try path(String(rest), base: base) }
      let local = rest.hasPrefix("//localhost/") ? rest.dropFirst("//localhost".count) : rest.dropFirst(2)
      guard local.hasPrefix("/") else {
        throw Invalid(description: "expected file:/path or file:///path, found '\(text)'")
      }
      return try path(String(local), base: base)
    case "s3", "kafka":
      let host = rest.dropFirst(2).prefix { $0 != "/" }
      let names = scheme == "s3" ? "s3://bucket/prefix/" : "kafka://broker:9092/topic"
      guard rest.hasPrefix("//"), !host.isEmpty else {
        throw Invalid(description: "expected \(names), found '\(text)'")
      }
      if scheme == "kafka", rest.dropFirst(2 + host.count + 1).isEmpty {
        throw Invalid(description: "expected \(names), found '\(text)'")
      }
      return text
    default:
      throw Invalid(
        description: "'\(scheme):' is not supported; expected a path, s3:// or kafka://, found '\(text)'")
    }
  }

  /// One letter before a colon, or anything with a `/` in it, is a path.
  private static func isScheme(_ text: Substring) -> Bool {
    text.count > 1 && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+.-".contains($0)) }
  }

  /// Resolves `.`, `..` and doubled slashes by the text alone; links are the file system's business.
  private static func path(_ text: String, base: String?) throws(Invalid) -> String {
    guard !text.isEmpty else { throw Invalid(description: "expected a path or URI, found an empty one") }
    var whole = text
    if !text.hasPrefix("/") {
      guard let base else { throw Invalid(description: "expected an absolute path or URI, found '\(text)'") }
      whole = base + "/" + text
    }
    var parts: [Substring] = []
    for part in whole.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    let isFolder =
      text.hasSuffix("/") || text.hasSuffix("/.") || text.hasSuffix("/..") || text == "." || text == ".."
    return "/" + parts.joined(separator: "/") + (isFolder && !parts.isEmpty ? "/" : "")
  }

  /// Whether everything under `inner` lies under `outer` too; both absolute. Equal places count.
  static func contains(_ outer: String, _ inner: String) -> Bool {
    let folder = outer.hasSuffix("/") ? outer : outer + "/"
    return (inner + "/").hasPrefix(folder)
  }
}
