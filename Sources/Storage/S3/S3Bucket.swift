import Foundation
import OpenSSL

/// Operations on one bucket. Blocking; any thread.
package struct S3Bucket: Sendable {
  let client: S3Client
  package let name: String

  package init(_ client: S3Client, name: String) {
    self.client = client
    self.name = name
  }

  func uri(_ key: String) -> String { "s3://\(name)/\(key)" }

  // MARK: - Listing

  /// All objects whose keys begin with `prefix`, ordered by the bytes of their keys.
  package func list(prefix: String) throws(StorageError) -> [Entry] {
    var entries: [Entry] = []
    var token: String?
    while true {
      var query = [("list-type", "2"), ("prefix", prefix), ("encoding-type", "url")]
      if let token { query.append(("continuation-token", token)) }
      let page = try xml(
        S3Request(method: "GET", bucket: name, query: query), root: "ListBucketResult", prefix)
      let listing = try S3ListingPage(page, prefix: prefix, location: uri(prefix))
      entries += listing.entries
      guard let next = listing.next else { break }
      guard next != token else {
        throw .corrupt(location: uri(prefix), message: "the listing repeats its continuation token")
      }
      token = next
    }
    return entries.sorted { ObjectName.precedes($0.key, $1.key) }
  }

  // MARK: - Objects

  /// - Returns: nil if there is no such object.
  package func head(_ key: String) throws(StorageError) -> Entry? {
    var request = S3Request(method: "HEAD", bucket: name, key: key)
    request.accepts = [404]
    let response = try client.send(request)
    if response.status == 404 { return nil }
    guard let size = response.headers["content-length"].flatMap({ Int64($0) }), size >= 0 else {
      throw .corrupt(location: uri(key), message: "the server did not send its length")
    }
    return Entry(key: key, size: size, eTag: response.headers["etag"] ?? "")
  }

  /// Starts to read bytes of an object that was listed with `eTag`.
  func startGet(_ key: String, range: Range<Int64>, eTag: String, into target: ByteBlock) -> S3Call {
    var request = S3Request(method: "GET", bucket: name, key: key)
    request.headers = [("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")]
    if !eTag.isEmpty { request.headers.append(("If-Match", eTag)) }
    request.target = target
    request.expected = range.count
    return client.start(request)
  }

  /// The whole of a small object; nil if there is none.
  func contents(_ key: String, limit: Int) throws(StorageError) -> ObjectContents? {
    var request = S3Request(method: "GET", bucket: name, key: key)
    request.accepts = [404]
    let response = try client.send(request)
    if response.status == 404 {
      // A missing bucket is not a missing object.
      let failure = S3Failure(response)
      guard failure.code != "NoSuchBucket" else {
        throw failure.error(uri(key), client.configuration, credentials: nil, attempts: 1)
      }
      return nil
    }
    guard response.body.count <= limit else {
      throw .invalid(
        location: uri(key), message: "has \(response.body.count) bytes; expected at most \(limit)")
    }
    return ObjectContents(bytes: response.body, version: response.headers["etag"] ?? "")
  }

  func put(_ key: String, _ body: ByteBlock, if condition: PutCondition = .none) throws(StorageError)
    -> PutResult
  {
    var request = S3Request(method: "PUT", bucket: name, key: key)
    request.body = body
    request.bodyHash = try hash(body, key)
    request.headers = [("Content-Type", "application/octet-stream")]
    switch condition {
    case .none: break
    case .absent: request.headers.append(("If-None-Match", "*"))
    case .unchanged(let eTag): request.headers.append(("If-Match", eTag))
    }
    if case .none = condition {} else { request.accepts = [404, 412, 501] }
    let call = client.start(request)
    let response = try call.finish()
    switch response.status {
    case 501: return .unsupported
    case 404, 412:
      // This very request may have changed it: repeated here, or delivered twice on its way.
      if let now = try contents(key, limit: 64 << 20), now.bytes.elementsEqual(body.filled) {
        return .done(version: now.version)
      }
      return .refused
    default: return .done(version: response.headers["etag"] ?? "")
    }
  }

  /// Deletes objects, up to 1000 per request. Missing ones are no error.
  package func delete(_ keys: [String]) throws(StorageError) {
    for start in stride(from: 0, to: keys.count, by: 1000) {
      let batch = keys[start..<min(start + 1000, keys.count)]
      let names = batch.map { "<Object><Key>\(S3Bucket.escaped($0))</Key></Object>" }.joined()
      let body = ByteBlock(
        "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>\(names)</Delete>".utf8)
      guard let digest = Crypto.md5(body.filled) else {
        throw .transient(location: uri(batch.first ?? ""), message: "cannot be deleted: out of memory")
      }
      var request = S3Request(method: "POST", bucket: name, query: [("delete", "")])
      request.body = body
      request.bodyHash = try hash(body, "")
      request.headers = [
        ("Content-Type", "application/xml"), ("Content-MD5", Data(digest).base64EncodedString()),
      ]
      let answer = try xml(request, root: "DeleteResult", batch.first ?? "")
      if let error = answer.all("Error").first(where: { $0["Code"]?.text != "NoSuchKey" }) {
        throw .invalid(
          location: uri(error["Key"]?.text ?? ""),
          message: "cannot be deleted: \(error["Code"]?.text ?? "") \(error["Message"]?.text ?? "")")
      }
    }
  }

  // MARK: -

  func hash(_ body: ByteBlock, _ key: String) throws(StorageError) -> String {
    guard let digest = Crypto.sha256(body.filled) else {
      throw .transient(location: uri(key), message: "cannot be hashed: out of memory")
    }
    return digest.hexadecimal
  }

  /// Sends a request whose response is an XML document.
  func xml(_ request: S3Request, root: String, _ key: String) throws(StorageError) -> XMLElement {
    let response = try client.send(request)
    do {
      let document = try XMLElement(response.body)
      guard document.name == root else {
        throw StorageError.corrupt(
          location: uri(key), message: "expected <\(root)> from the server, found <\(document.name)>")
      }
      return document
    } catch let error as XMLError {
      throw .corrupt(location: uri(key), message: "the server's response: \(error)")
    } catch let error as StorageError {
      throw error
    } catch {
      throw .corrupt(location: uri(key), message: "\(error)")
    }
  }

  /// Escapes text for XML. Control characters, which XML does not allow, become references, which S3 accepts.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case _ where scalar.value < 0x20: result += "&#x\(String(scalar.value, radix: 16));"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
