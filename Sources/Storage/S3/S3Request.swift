/// One S3 operation, before it is signed.
struct S3Request: Sendable {
  var method: String
  var bucket: String
  /// Empty for operations on the bucket.
  var key = ""
  var query: [(name: String, value: String)] = []
  var headers: [(name: String, value: String)] = []
  var body: ByteBlock?
  /// SHA-256 of the body, in hexadecimal.
  var bodyHash = Signature.emptyHash
  /// Receives the body of a successful response, which must have `expected` bytes.
  var target: ByteBlock?
  var expected: Int?
  /// Statuses besides 2xx that are not failures.
  var accepts: Set<Int> = []
  /// Seconds without a byte before the request fails; more for operations that take the server long.
  var patience = 30

  /// For errors.
  var location: String { "s3://\(bucket)/\(key)" }
}
