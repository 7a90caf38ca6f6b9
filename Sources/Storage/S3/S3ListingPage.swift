import Basics

/// One page of a listing, as the server sent it.
package struct S3ListingPage: Hashable, Sendable {
  package let entries: [S3Bucket.Entry]
  /// The token of the next page; nil on the last one.
  package let next: String?

  /// - Parameters:
  ///   - prefix: What was asked for. A server that lists something else is wrong.
  ///   - location: For errors.
  package init(_ document: XMLElement, prefix: String, location: String) throws(StorageError) {
    var entries: [S3Bucket.Entry] = []
    for object in document.all("Contents") {
      guard let key = document.name(object["Key"]), let size = (object["Size"]?.text).flatMap({ Int64($0) }),
        size >= 0
      else {
        throw .corrupt(location: location, message: "the listing contains an object without key or size")
      }
      guard key.utf8.starts(with: prefix.utf8) else {
        throw .corrupt(location: location, message: "the listing contains '\(key)', which has another prefix")
      }
      entries.append(
        S3Bucket.Entry(
          key: key, size: size, eTag: object["ETag"]?.text ?? "", modified: object["LastModified"]?.text ?? ""
        ))
    }
    self.entries = entries
    guard document["IsTruncated"]?.text == "true" else {
      next = nil
      return
    }
    guard let token = document["NextContinuationToken"]?.text, !token.isEmpty else {
      throw .corrupt(location: location, message: "the listing is truncated and has no continuation token")
    }
    next = token
  }
}

extension XMLElement {
  /// The name in an element of this listing. XML cannot hold control characters, so we ask for percent-encoded names; not every server
  /// encodes them.
  /// - Returns: nil where there is no valid name.
  func name(_ element: XMLElement?) -> String? {
    guard let text = element?.text, self["EncodingType"]?.text == "url" else { return element?.text }
    return PercentEncoding.bytes(text, plusIsSpace: true).flatMap { String(validating: $0, as: UTF8.self) }
  }
}

extension S3Bucket {
  /// An object as a listing shows it.
  package struct Entry: Hashable, Sendable {
    package let key: String
    package let size: Int64
    package let eTag: String
    /// By the server's clock, as the server writes it; empty if it was not listed.
    package var modified = ""
  }
}
