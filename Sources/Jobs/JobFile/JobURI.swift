import Glibc
import Storage

/// Paths and URIs in job files.
enum JobURI {
  /// - Parameter base: Absolute folder for relative paths; nil if they are mistakes.
  /// - Returns: The canonical text: `/absolute/path`, `s3://bucket/key` or `kafka://broker/topic`.
  static func absolute(_ text: String, base: String?) throws(StorageError) -> String {
    let uri = try ObjectURI(text)
    if base == nil, case .file(let path) = uri.location, !path.hasPrefix("/") {
      throw .invalid(place: "'\(text)'", message: "expected an absolute path or a URI")
    }
    return uri.resolved(against: base ?? "/").description
  }

  /// Whether `inner` equals `outer` or lies inside it. Both are absolute.
  static func contains(_ outer: String, _ inner: String) -> Bool {
    let folder = outer.hasSuffix("/") ? outer : outer + "/"
    return (inner + "/").hasPrefix(folder)
  }

  /// An absolute local path with symbolic links resolved as far as it exists; other URIs unchanged.
  static func real(_ place: String) -> String {
    guard place.hasPrefix("/") else { return place }
    var (known, rest) = (place[...], "")
    while !known.isEmpty {
      if let resolved = realpath(String(known), nil) {
        defer { free(resolved) }
        let folder = String(cString: resolved)
        return folder == "/" && !rest.isEmpty ? rest : folder + rest
      }
      let slash = known.lastIndex(of: "/") ?? known.startIndex
      rest = known[slash...] + rest
      known = known[..<slash]
    }
    return place
  }
}
