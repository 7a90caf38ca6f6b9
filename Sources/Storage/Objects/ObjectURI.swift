/// Where an object or a folder of objects is, as a user writes it: a plain path, `file:relative`, `file:///abs`, or `scheme://bucket/key`
/// with a scheme of ``ObjectStores/kinds``. Nothing is percent-decoded: a path means the bytes it shows.
package struct ObjectURI: Hashable, Sendable, CustomStringConvertible {
  /// In lower case.
  package let scheme: String
  /// Bucket or container; empty on local disk.
  package let bucket: String
  /// A key, kept to the letter and empty for the whole bucket; or a path on disk, relative unless it begins with `/`.
  package let path: String

  package init(scheme: String, bucket: String = "", path: String) {
    self.scheme = scheme
    self.bucket = bucket
    self.path = path
  }

  /// - Throws: `StorageError.invalid` naming the text and what was expected.
  package init(_ text: String) throws(StorageError) {
    guard !text.isEmpty else { throw .invalid(location: "''", message: "the path is empty") }
    guard !text.utf8.contains(0) else {
      throw .invalid(location: "'\(text)'", message: "a path cannot hold a zero byte")
    }
    guard let (scheme, rest) = ObjectURI.split(text) else {
      self.init(scheme: LocalStore.kind.scheme, path: text)
      return
    }
    guard let kind = ObjectStores.kind(scheme) else { throw ObjectURI.unknownScheme(scheme, text) }
    let (bucket, path) = try kind.parse(rest, text)
    self.init(scheme: scheme, bucket: bucket, path: path)
  }

  /// Scheme, in lower case, and what follows its colon, where the text begins with one (RFC 3986, section 3.1).
  package static func split(_ text: String) -> (scheme: String, rest: Substring)? {
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let scheme = text[..<colon]
    guard let first = scheme.first, first.isASCII, first.isLetter,
      scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
    else { return nil }
    return (scheme.lowercased(), text[text.utf8.index(after: colon)...])
  }

  /// Authority and path of `//authority/path`, for stores with buckets; nil for other text.
  package static func authority(_ rest: Substring) -> (authority: String, path: String)? {
    guard rest.hasPrefix("//") else { return nil }
    let parts = rest.utf8.dropFirst(2).split(
      separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
    guard let authority = parts.first, !authority.isEmpty else { return nil }
    return (String(Substring(authority)), parts.count > 1 ? String(Substring(parts[1])) : "")
  }

  static func unknownScheme(_ scheme: String, _ text: String) -> StorageError {
    if let kind = ObjectStores.kinds.first(where: { $0.aliases.contains(scheme) }) {
      return .invalid(location: "'\(text)'", message: "unknown scheme '\(scheme):'; write \(kind.form)")
    }
    let known = ObjectStores.kinds.map { $0.scheme + ":" }.joined(separator: " or ")
    return .invalid(
      location: "'\(text)'",
      message:
        "unknown scheme '\(scheme):'; expected \(known). Write a path that contains a colon as ./\(text)")
  }

  package var isRelative: Bool { bucket.isEmpty && !path.hasPrefix("/") }

  /// Absolute and canonical: `.`, `..`, doubled and final slashes are removed from paths on disk without looking at the disk, so a symbolic
  /// link is a name like any other. Keys in buckets stay as they are.
  /// - Parameter folder: The absolute path that relative ones start from.
  package func resolved(against folder: String) -> ObjectURI {
    guard bucket.isEmpty else { return self }
    var parts: [Substring] = []
    for part in ObjectName.parts(isRelative ? folder + "/" + path : path) where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return ObjectURI(scheme: scheme, path: "/" + parts.joined(separator: "/"))
  }

  /// The canonical form, against the working directory of this process.
  package func resolved() throws(StorageError) -> ObjectURI {
    isRelative ? resolved(against: try SystemCall.workingDirectory()) : resolved(against: "/")
  }

  /// An object below this folder or prefix.
  package func appending(_ name: String) -> ObjectURI {
    let base = path.isEmpty || path.hasSuffix("/") ? path : path + "/"
    return ObjectURI(scheme: scheme, bucket: bucket, path: base + name)
  }

  /// `/absolute/path` (or a relative one, where not resolved), or `scheme://bucket/key`.
  package var description: String { bucket.isEmpty ? path : "\(scheme)://\(bucket)/\(path)" }

  package static func == (a: ObjectURI, b: ObjectURI) -> Bool {
    a.scheme == b.scheme && ObjectName(a.description) == ObjectName(b.description)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectName(description)) }
}
