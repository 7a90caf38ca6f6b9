/// Where an object, a folder of objects or a topic is, as a user writes it:
/// a plain path, `file:relative`, `file:/abs`, `file:///abs`, `s3://bucket/key` or `kafka://broker:port/topic`.
/// Nothing is percent-decoded: a path means the bytes it shows.
package struct ObjectURI: Hashable, Sendable, CustomStringConvertible {
  package enum Location: Hashable, Sendable {
    /// Relative to the folder the command runs in, unless it begins with `/`.
    case file(path: String)
    /// The key may be empty (the whole bucket) and is kept to the letter.
    case s3(bucket: String, key: String)
    case kafka(broker: String, topic: String)
  }

  package let location: Location

  package init(_ location: Location) { self.location = location }

  /// - Throws: `StorageError.invalid` naming the text and what was expected.
  package init(_ text: String) throws(StorageError) {
    func invalid(_ message: String) -> StorageError { .invalid(place: "'\(text)'", message: message) }
    guard !text.isEmpty else { throw invalid("an empty path") }
    guard !text.utf8.contains(0) else { throw invalid("a path cannot hold a zero byte") }
    guard let (scheme, rest) = ObjectURI.split(text) else {
      location = .file(path: text)
      return
    }
    switch scheme {
    case "file":
      location = .file(path: try ObjectURI.filePath(rest, text))
    case "s3", "kafka":
      let form = scheme == "s3" ? "s3://bucket/key" : "kafka://broker:port/topic"
      guard rest.hasPrefix("//") else { throw invalid("expected \(form)") }
      let parts = rest.dropFirst(2).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      let authority = String(parts.first ?? "")
      let name = parts.count > 1 ? String(parts[1]) : ""
      guard !authority.isEmpty else { throw invalid("expected \(form)") }
      if scheme == "s3" {
        location = .s3(bucket: authority, key: name)
      } else {
        guard !name.isEmpty, !name.contains("/") else { throw invalid("expected \(form)") }
        location = .kafka(broker: authority, topic: name)
      }
    case "s3a", "s3n":
      throw invalid("unknown scheme '\(scheme):'; write s3://bucket/key")
    default:
      throw invalid(
        "unknown scheme '\(scheme):'; known are file:, s3: and kafka:. A path that holds a colon is written ./\(text)"
      )
    }
  }

  /// Absolute and canonical: `.`, `..` and doubled or final slashes are taken out of file paths by their letters (a symbolic
  /// link stays a name like any other). Other locations stay as they are.
  /// - Parameter folder: The absolute path that relative ones start from.
  package func resolved(against folder: String) -> ObjectURI {
    guard case .file(let path) = location else { return self }
    let full = path.hasPrefix("/") ? path : folder + "/" + path
    var parts: [Substring] = []
    for part in full.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return ObjectURI(.file(path: "/" + parts.joined(separator: "/")))
  }

  /// The canonical form, against the folder this process runs in.
  package func resolved() throws(StorageError) -> ObjectURI {
    resolved(against: try SystemCall.workingDirectory())
  }

  /// An object below this folder or prefix.
  package func appending(_ name: String) -> ObjectURI {
    func joined(_ base: String) -> String {
      base.isEmpty || base.hasSuffix("/") ? base + name : base + "/" + name
    }
    return switch location {
    case .file(let path): ObjectURI(.file(path: joined(path)))
    case .s3(let bucket, let key): ObjectURI(.s3(bucket: bucket, key: joined(key)))
    case .kafka: self
    }
  }

  /// `/absolute/path` (or a relative one, where not resolved), `s3://bucket/key`, `kafka://broker/topic`.
  package var description: String {
    switch location {
    case .file(let path): path
    case .s3(let bucket, let key): "s3://\(bucket)/\(key)"
    case .kafka(let broker, let topic): "kafka://\(broker)/\(topic)"
    }
  }

  /// Scheme (lower case) and what follows its colon, where the text begins with one (RFC 3986, section 3.1).
  private static func split(_ text: String) -> (scheme: String, rest: Substring)? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let scheme = text[..<colon]
    guard let first = scheme.first, first.isASCII, first.isLetter,
      scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
    else { return nil }
    return (scheme.lowercased(), text[text.index(after: colon)...])
  }

  private static func filePath(_ rest: Substring, _ text: String) throws(StorageError) -> String {
    var path = rest
    if rest.hasPrefix("//") {
      // The authority of a file: URI is this machine or nothing (RFC 8089).
      path = rest.dropFirst(2)
      if path.hasPrefix("localhost/") { path = path.dropFirst("localhost".count) }
      guard path.hasPrefix("/") else {
        throw .invalid(
          place: "'\(text)'",
          message: "names a host; write file:\(path) for a relative path or file:///\(path)")
      }
    }
    guard !path.isEmpty else { throw .invalid(place: "'\(text)'", message: "expected a path after file:") }
    return String(path)
  }
}
