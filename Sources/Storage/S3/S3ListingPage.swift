/// One page of a listing, as the server sent it.
package struct S3ListingPage: Hashable, Sendable {
  package let entries: [S3Bucket.Entry]
  /// The token of the page that follows; nil for the last one.
  package let next: String?

  /// - Parameters:
  ///   - prefix: What was asked for: a server that lists something else is not believed.
  ///   - place: What errors name.
  package init(_ document: XMLElement, prefix: String, place: String) throws(StorageError) {
    var entries: [S3Bucket.Entry] = []
    for object in document.all("Contents") {
      guard let key = object["Key"]?.text, let size = (object["Size"]?.text).flatMap({ Int64($0) }), size >= 0
      else { throw .corrupt(place: place, message: "the listing has an object without key or size") }
      guard key.utf8.starts(with: prefix.utf8) else {
        throw .corrupt(place: place, message: "the listing has '\(key)', which does not begin so")
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
      throw .corrupt(place: place, message: "the listing is cut off and does not say how it goes on")
    }
    next = token
  }
}

extension S3Bucket {
  /// An object as a listing has it.
  package struct Entry: Hashable, Sendable {
    package let key: String
    package let size: Int64
    package let eTag: String
    /// By the server's clock, as it writes it; empty where it was not listed.
    package var modified = ""
  }
}
