/// One S3 operation, before it is signed.
struct S3Request: Sendable {
  var method: String
  var bucket: String
  /// Empty for an operation on the bucket.
  var key = ""
  var query: [(name: String, value: String)] = []
  var headers: [(name: String, value: String)] = []
  var body: ByteBlock?
  /// Of the body, in hexadecimal.
  var bodyHash = Signature.emptyHash
  /// Where a successful response's body goes, and how much of it there must be.
  var target: ByteBlock?
  var expected: Int?
  /// Statuses besides 2xx that are an answer and no failure.
  var accepts: Set<Int> = []
  /// Seconds without a byte: long for what the server works on before it answers.
  var patience = 30

  /// For errors.
  var place: String { "s3://\(bucket)/\(key)" }
}
