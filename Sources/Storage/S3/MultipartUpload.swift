/// Multipart uploads: the parts become an object when the upload is completed.
extension S3Bucket {
  package struct Upload: Hashable, Sendable {
    package let key: String
    package let id: String
  }

  func createUpload(_ key: String) throws(StorageError) -> Upload {
    var request = S3Request(method: "POST", bucket: name, key: key, query: [("uploads", "")])
    request.headers = [("Content-Type", "application/octet-stream")]
    let answer = try xml(request, root: "InitiateMultipartUploadResult", key)
    guard let id = answer["UploadId"]?.text, !id.isEmpty else {
      throw .corrupt(location: uri(key), message: "the server started an upload without an id")
    }
    return Upload(key: key, id: id)
  }

  /// - Parameter number: From 1.
  func startPart(_ upload: Upload, number: Int, _ body: ByteBlock) throws(StorageError) -> S3Call {
    var request = S3Request(
      method: "PUT", bucket: name, key: upload.key,
      query: [("partNumber", "\(number)"), ("uploadId", upload.id)])
    request.body = body
    request.bodyHash = try hash(body, upload.key)
    return client.start(request)
  }

  /// Starts to make the parts an object.
  func startComplete(_ upload: Upload, _ parts: [UploadPart]) throws(StorageError) -> S3Call {
    let list = parts.map {
      "<Part><PartNumber>\($0.number)</PartNumber><ETag>\(S3Bucket.escaped($0.eTag))</ETag></Part>"
    }
    let body = ByteBlock("<CompleteMultipartUpload>\(list.joined())</CompleteMultipartUpload>".utf8)
    var request = S3Request(
      method: "POST", bucket: name, key: upload.key, query: [("uploadId", upload.id)])
    request.body = body
    request.bodyHash = try hash(body, "")
    request.headers = [("Content-Type", "application/xml")]
    // The server may assemble all parts before it answers.
    request.patience = 300
    request.accepts = [404]
    return client.start(request)
  }

  /// - Parameter bytes: Size of the whole object.
  func finishComplete(_ call: S3Call, bytes: Int) throws(StorageError) {
    let response = try call.finish()
    guard response.status == 404 else { return }
    // An earlier attempt may have completed it, and only the response was lost.
    if call.wasRepeated, let object = try head(call.request.key), object.size == Int64(bytes) { return }
    throw S3Failure(response).error(
      uri(call.request.key), client.configuration, credentials: nil, attempts: 1)
  }

  /// A missing upload is no error.
  func startAbort(_ upload: Upload) -> S3Call {
    var request = S3Request(
      method: "DELETE", bucket: name, key: upload.key, query: [("uploadId", upload.id)])
    request.accepts = [404]
    return client.start(request)
  }

  /// Uploads that are neither completed nor aborted.
  package func uploads(prefix: String) throws(StorageError) -> [Upload] {
    var uploads: [Upload] = []
    var marker: Upload?
    while true {
      var query = [("uploads", ""), ("prefix", prefix), ("encoding-type", "url")]
      if let marker { query += [("key-marker", marker.key), ("upload-id-marker", marker.id)] }
      let page = try xml(
        S3Request(method: "GET", bucket: name, query: query), root: "ListMultipartUploadsResult", prefix)
      for upload in page.all("Upload") {
        guard let key = page.name(upload["Key"]), let id = upload["UploadId"]?.text else {
          throw .corrupt(location: uri(prefix), message: "the list of uploads contains one without key or id")
        }
        if key.utf8.starts(with: prefix.utf8) { uploads.append(Upload(key: key, id: id)) }
      }
      guard page["IsTruncated"]?.text == "true" else { return uploads }
      let next = Upload(
        key: page.name(page["NextKeyMarker"]) ?? "", id: page["NextUploadIdMarker"]?.text ?? "")
      guard !next.key.isEmpty, next != marker else {
        throw .corrupt(
          location: uri(prefix), message: "the list of uploads is truncated and does not continue")
      }
      marker = next
    }
  }
}
