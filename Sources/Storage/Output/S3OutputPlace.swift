import Wire

/// An output folder on S3: a prefix of a bucket.
struct S3OutputPlace: Sendable {
  let bucket: S3Bucket
  /// Ends in a slash.
  let prefix: String

  init(_ output: String, settings: Settings) throws(StorageError) {
    guard case .s3(let name, var prefix) = try ObjectURI(output).location else {
      throw .invalid(place: output, message: "is no place on S3")
    }
    while prefix.hasSuffix("/") { prefix.removeLast() }
    guard !prefix.isEmpty else {
      throw .invalid(place: output, message: "cannot be an output folder: choose a prefix in the bucket")
    }
    self.prefix = prefix + "/"
    bucket = S3Bucket(try S3Client.shared(settings), name: name)
  }

  func key(_ name: String) -> String { prefix + name }

  /// The name of a data file with the tag before its extensions, so that a new output never writes over a file of the old one.
  /// Names that begin with `_` stay: readers look for them.
  static func tagged(_ name: String, _ tag: String) -> String {
    guard !name.hasPrefix("_") else { return name }
    let start = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
    let end = name[start...].firstIndex(of: ".") ?? name.endIndex
    return "\(name[..<end])-\(tag)\(name[end...])"
  }

  /// Whether a key has the form of ours, with whatever tag.
  static func isTagged(_ key: String) -> Bool {
    let start = key.lastIndex(of: "/").map { key.index(after: $0) } ?? key.startIndex
    let stem = key[start...].prefix { $0 != "." }
    guard let dash = stem.lastIndex(of: "-") else { return false }
    return StagingArea.isTag(String(stem[stem.index(after: dash)...]))
  }

  /// What the committer itself puts there.
  static let lockPrefix = "_lock."
  static let journal = "_commit"
}
