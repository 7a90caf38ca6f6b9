/// The name of an object or a file: equal, hashed and ordered by its UTF-8 bytes. `String` compares by Unicode equivalence and would
/// take two files, `é` composed and decomposed, for one; and a combining mark behind `/` or `_` hides them from `Character`s.
package struct ObjectName: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ text: String) { description = text }

  package static func == (a: ObjectName, b: ObjectName) -> Bool {
    a.description.utf8.elementsEqual(b.description.utf8)
  }

  package static func < (a: ObjectName, b: ObjectName) -> Bool { precedes(a.description, b.description) }

  package func hash(into hasher: inout Hasher) {
    var text = description
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// The order of bytes, which is also that of S3 listings.
  package static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

  /// The parts between slashes, without empty ones.
  package static func parts(_ path: String) -> [Substring] {
    path.utf8.split(separator: UInt8(ascii: "/")).map(Substring.init)
  }

  /// Whether readers of a folder pass over the file: a part of its path, relative to the folder, begins with `_` or `.`.
  package static func isHidden(_ path: some StringProtocol) -> Bool {
    path.utf8.split(separator: UInt8(ascii: "/")).contains { begins($0, with: "_") || begins($0, with: ".") }
  }

  private static func begins(_ part: some Collection<UInt8>, with mark: Unicode.Scalar) -> Bool {
    part.first == UInt8(ascii: mark)
  }

  /// What is left of `uri` behind the URI of its folder and a slash; nil where it lies elsewhere.
  package static func relative(_ uri: String, to folder: String) -> String? {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    guard uri.utf8.starts(with: prefix.utf8) else { return nil }
    return String(uri.utf8.dropFirst(prefix.utf8.count))
  }
}
