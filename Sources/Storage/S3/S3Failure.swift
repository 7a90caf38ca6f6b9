/// An error response of S3, and what the user should do about it.
struct S3Failure: Sendable {
  let status: Int
  var code: String?
  var message: String?
  /// Region of the bucket, if the server says so.
  var region: String?

  init(_ response: ClientResponse) {
    status = response.status
    region = response.headers["x-amz-bucket-region"]
    guard let error = S3Failure.element(response.body) else { return }
    code = error["Code"]?.text
    message = error["Message"]?.text
    region = region ?? error["Region"]?.text
  }

  /// The error in a body, also with a success status (CompleteMultipartUpload).
  static func element(_ body: [UInt8]) -> XMLElement? {
    guard let root = try? XMLElement(body) else { return nil }
    return root.name == "Error" ? root : root["Error"]
  }

  private var told: String {
    let text = [code, message].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
    return text.isEmpty ? "HTTP \(status)" : "HTTP \(status), \(text)"
  }

  /// - Parameters:
  ///   - credentials: Those the request used.
  ///   - attempts: Number of attempts.
  func error(
    _ location: String, _ configuration: S3Configuration, credentials: Credentials?, attempts: Int
  ) -> StorageError {
    let region = configuration.region
    if let there = self.region, there != region, [301, 307, 400, 403].contains(status) {
      return .invalid(
        location: location,
        message:
          "the bucket is in region \(there), the request was for \(region); set s3.region or AWS_REGION "
          + "to \(there) (\(told))")
    }
    switch (status, code) {
    case (_, "NoSuchBucket"?):
      return .notFound(
        location: location,
        message: "there is no such bucket at \(configuration.host); create it first (\(told))")
    case (_, "NoSuchUpload"?):
      return .notFound(
        location: location, message: "the upload does not exist; it was completed or aborted before (\(told))"
      )
    case (404, _): return .notFound(location: location, message: "there is no such object (\(told))")
    case (_, "RequestTimeTooSkewed"?):
      return .invalid(location: location, message: "the clock of this machine is wrong: \(told)")
    case (_, "InvalidAccessKeyId"?), (_, "SignatureDoesNotMatch"?), (_, "ExpiredToken"?),
      (_, "InvalidToken"?),
      (401, _), (403, _):
      let from = credentials.map { " (from \($0.source))" } ?? ""
      return .invalid(
        location: location,
        message: "access denied: \(told). Check the credentials\(from) and the policy of the bucket")
    case (301, _), (307, _):
      return .invalid(
        location: location,
        message:
          "the bucket is in another region: set s3.region or AWS_REGION to it, or s3.endpoint (\(told))")
    case (412, _):
      return .invalid(
        location: location, message: "has changed since it was listed; run the job again (\(told))")
    case (416, _):
      return .corrupt(location: location, message: "is shorter than when it was listed (\(told))")
    default:
      let tried = attempts > 1 ? ", after \(attempts) attempts" : ""
      return RetryPolicy.isWorthAnother(.status(status), code: code)
        ? .transient(location: location, message: "\(configuration.host) fails: \(told)\(tried)")
        : .invalid(location: location, message: "\(configuration.host) refuses: \(told)")
    }
  }
}
