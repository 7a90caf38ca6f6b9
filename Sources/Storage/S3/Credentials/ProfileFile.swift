/// A shared file of the AWS tools, `~/.aws/config` or `~/.aws/credentials`: sections of `key = value` lines.
package struct ProfileFile: Sendable {
  /// Values by section (`default`, `profile x`) and key, in lower case.
  package private(set) var sections: [String: [String: String]] = [:]

  /// Ignores lines that are neither section, value nor comment, as the AWS tools do.
  package init(text: String) {
    var section: String?
    for line in text.split(whereSeparator: \.isNewline) {
      // Indented lines belong to the setting above (`s3 =`) and do not matter here.
      guard let first = line.first, !first.isWhitespace, first != "#", first != ";" else { continue }
      if first == "[" {
        section = line.firstIndex(of: "]").map {
          line[line.index(after: line.startIndex)..<$0].split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        }
        if let section { sections[section] = sections[section] ?? [:] }
      } else if let section, let equals = line.firstIndex(of: "=") {
        let key = ProfileFile.trimmed(line[..<equals]).lowercased()
        var value = ProfileFile.trimmed(line[line.index(after: equals)...])
        // A comment after a value needs white space before it; a secret may contain '#'.
        for mark in [" #", " ;", "\t#", "\t;"] {
          if let comment = value.firstRange(of: mark) {
            value = ProfileFile.trimmed(value[..<comment.lowerBound])
          }
        }
        sections[section]?[key] = String(value)
      }
    }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }

  private static func trimmed(_ text: String) -> Substring { trimmed(text[...]) }
}

/// One profile from both files. The credentials file wins.
package struct Profile: Sendable {
  package let name: String
  package private(set) var values: [String: String] = [:]
  /// Whether a file contains it.
  package private(set) var exists = false

  package init(_ name: String, config: ProfileFile?, credentials: ProfileFile?) {
    self.name = name
    let sections = [
      name == "default" ? config?.sections["default"] : nil, config?.sections["profile \(name)"],
      credentials?.sections[name],
    ]
    for section in sections.compactMap({ $0 }) {
      exists = true
      values.merge(section) { $1 }
    }
  }
}
