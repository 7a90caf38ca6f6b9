import Basics

/// The name of an object or a file. Names are bytes: a combining mark behind `/` or `_` hides them from `Character`s.
package typealias ObjectName = ExactName

extension ObjectName {
  /// The order of bytes, which is also that of S3 listings.
  package static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

  /// The parts between slashes, without empty ones.
  package static func parts(_ path: String) -> [Substring] {
    path.utf8.split(separator: UInt8(ascii: "/")).map(Substring.init)
  }

  /// Whether readers of a folder pass over the file: a part of its path, relative to the folder, begins with `_` or `.`.
  package static func isHidden(_ path: some StringProtocol) -> Bool {
    path.utf8.split(separator: UInt8(ascii: "/")).contains {
      $0.first == UInt8(ascii: "_") || $0.first == UInt8(ascii: ".")
    }
  }

  /// What is left of `uri` behind the URI of its folder and a slash; nil where it lies elsewhere.
  package static func relative(_ uri: String, to folder: String) -> String? {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    guard uri.utf8.starts(with: prefix.utf8) else { return nil }
    return String(uri.utf8.dropFirst(prefix.utf8.count))
  }
}
