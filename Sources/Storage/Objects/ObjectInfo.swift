/// An object (a file, an S3 object) as a listing shows it.
package struct ObjectInfo: Hashable, Sendable {
  /// `/absolute/path` or `s3://bucket/key`.
  package let uri: String
  /// Bytes.
  package let size: Int64
  /// Changes whenever the content does: modification time and inode of a file, the ETag of an S3 object.
  package let version: String
  /// When it was written, by the clock of the store, in ISO 8601; nil where the store does not say.
  package let modified: String?

  package init(uri: String, size: Int64, version: String, modified: String? = nil) {
    self.uri = uri
    self.size = size
    self.version = version
    self.modified = modified
  }

  package var name: ObjectName { ObjectName(uri) }

  package static func == (a: ObjectInfo, b: ObjectInfo) -> Bool {
    a.name == b.name && a.size == b.size && a.version == b.version
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(size)
    hasher.combine(version)
  }
}
