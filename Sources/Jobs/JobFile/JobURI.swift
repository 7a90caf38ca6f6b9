import Storage

/// The files, folders and topics that a job file names.
enum JobURI {
  /// - Parameter base: Absolute folder for relative paths; nil if they are mistakes.
  /// - Returns: The canonical text: `/absolute/path`, `s3://bucket/key` or `kafka://broker/topic`.
  static func absolute(_ text: String, base: String?) throws(StorageError) -> String {
    if TopicURI.names(text) {
      guard let topic = TopicURI(text) else {
        throw .invalid(location: "'\(text)'", message: "expected \(TopicURI.form)")
      }
      return topic.description
    }
    let uri = try ObjectURI(text)
    if base == nil, uri.isRelative {
      throw .invalid(location: "'\(text)'", message: "expected an absolute path or a URI")
    }
    return uri.resolved(against: base ?? "/").description
  }
}
