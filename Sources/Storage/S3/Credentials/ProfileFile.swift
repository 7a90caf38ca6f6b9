/// The shared files of the AWS tools, `~/.aws/config` and `~/.aws/credentials`: sections of `key = value` lines.
package struct ProfileFile: Sendable {
  /// Section, such as `default` or `profile x`, to its values; keys in lower case.
  package private(set) var sections: [String: [String: String]] = [:]

  /// Lines that are neither section, value nor comment are passed over, as the AWS tools do.
  package init(text: String) {
    var section: String?
    for line in text.split(whereSeparator: \.isNewline) {
      // What is indented belongs to the setting above it (`s3 =`), and says nothing that matters here.
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
        // A comment behind a value is set apart by white space; a secret may hold '#'.
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

/// What both files say of one profile; where both say something, the credentials file is right.
package struct Profile: Sendable {
  package let name: String
  package private(set) var values: [String: String] = [:]
  /// Whether any file has it.
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
