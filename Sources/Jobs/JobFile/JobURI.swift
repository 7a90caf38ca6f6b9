import Glibc
import Storage

/// The places that a job file names.
enum JobURI {
  /// - Parameter base: An absolute folder for relative paths; nil where they are mistakes.
  /// - Returns: The canonical text: `/absolute/path`, `s3://bucket/key` or `kafka://broker/topic`.
  static func absolute(_ text: String, base: String?) throws(StorageError) -> String {
    let uri = try ObjectURI(text)
    if base == nil, case .file(let path) = uri.location, !path.hasPrefix("/") {
      throw .invalid(place: "'\(text)'", message: "expected an absolute path or a URI")
    }
    return uri.resolved(against: base ?? "/").description
  }

  /// Whether everything under `inner` lies under `outer` too; both absolute. Equal places count.
  static func contains(_ outer: String, _ inner: String) -> Bool {
    let folder = outer.hasSuffix("/") ? outer : outer + "/"
    return (inner + "/").hasPrefix(folder)
  }

  /// An absolute path with the symbolic links on this machine followed, as far as it exists; other places as they are.
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
