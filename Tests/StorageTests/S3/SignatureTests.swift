import Basics
import Storage
import TestSupport
import Testing

/// Against the examples that AWS publishes with the signature's specification.
@Suite struct SignatureTests {
  private static let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
  private static let otherSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

  struct Example: Sendable, CustomTestStringConvertible {
    var name: String
    var method = "GET"
    var path: String
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var payload = ""
    var signedHeaders: String
    var signature: String
    var testDescription: String { name }
  }

  /// The examples of the S3 reference.
  static let s3 = [
    Example(
      name: "get object", path: "/test.txt", headers: [("Range", "bytes=0-9")],
      signedHeaders: "host;range;x-amz-content-sha256;x-amz-date",
      signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
    Example(
      name: "put object", method: "PUT", path: "/test%24file.text",
      headers: [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
      payload: "Welcome to Amazon S3.",
      signedHeaders: "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
      signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
    Example(
      name: "bucket lifecycle", path: "/", query: [("lifecycle", "")],
      signedHeaders: "host;x-amz-content-sha256;x-amz-date",
      signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
    Example(
      name: "list objects", path: "/", query: [("prefix", "J"), ("max-keys", "2")],
      signedHeaders: "host;x-amz-content-sha256;x-amz-date",
      signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
  ]

  @Test(arguments: s3) func examplesOfTheS3Reference(_ example: Example) throws {
    let hash = try #require(Signature.hash(example.payload))
    let headers =
      example.headers + [
        ("Host", "examplebucket.s3.amazonaws.com"), ("x-amz-date", "20130524T000000Z"),
        ("x-amz-content-sha256", hash),
      ]
    let signature = Signature(
      region: "us-east-1", service: "s3", accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: Self.secret)
    #expect(
      signature.authorization(
        method: example.method, path: example.path, query: PercentEncoding.query(example.query),
        headers: headers, payloadHash: hash, time: "20130524T000000Z")
        == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        + "SignedHeaders=\(example.signedHeaders),Signature=\(example.signature)")
  }

  /// Of the general test suite, whose requests have no content hash among their headers.
  static let suite = [
    Example(
      name: "get-vanilla", path: "/", signedHeaders: "host;x-amz-date",
      signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    Example(
      name: "get-vanilla-query-order-key-case", path: "/",
      query: [("Param2", "value2"), ("Param1", "value1")],
      signedHeaders: "host;x-amz-date",
      signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    Example(
      name: "get-utf8", path: "/ሴ", signedHeaders: "host;x-amz-date",
      signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
    Example(
      name: "post-vanilla", method: "POST", path: "/", signedHeaders: "host;x-amz-date",
      signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
  ]

  @Test(arguments: suite) func examplesOfTheTestSuite(_ example: Example) throws {
    let signature = Signature(
      region: "us-east-1", service: "service", accessKey: "AKIDEXAMPLE", secretKey: Self.otherSecret)
    let authorization = try #require(
      signature.authorization(
        method: example.method, path: PercentEncoding.encode(example.path, keepingSlashes: true),
        query: PercentEncoding.query(example.query),
        headers: [("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z")],
        payloadHash: Signature.emptyHash, time: "20150830T123600Z"))
    #expect(authorization.hasSuffix("SignedHeaders=\(example.signedHeaders),Signature=\(example.signature)"))
  }

  @Test func signingKey() {
    let signature = Signature(
      region: "us-east-1", service: "iam", accessKey: "AKIDEXAMPLE", secretKey: Self.otherSecret)
    #expect(
      signature.signingKey(date: "20150830").map { hex($0) }
        == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
  }

  @Test func whatNeedsNoSignIsNotEncoded() {
    #expect(PercentEncoding.encode("aZ09-_.~") == "aZ09-_.~")
    #expect(PercentEncoding.encode("a b+c=d%e/ü") == "a%20b%2Bc%3Dd%25e%2F%C3%BC")
    #expect(PercentEncoding.encode("/dt=1/x y", keepingSlashes: true) == "/dt%3D1/x%20y")
    #expect(PercentEncoding.query([("b", "&"), ("a", ""), ("B", "1"), ("a-b", "2")]) == "B=1&a=&a-b=2&b=%26")
  }

  @Test func timesOfAllYears() {
    for (seconds, text) in [
      (0, "19700101T000000Z"), (951_782_399, "20000228T235959Z"), (951_782_400, "20000229T000000Z"),
      (1_369_353_600, "20130524T000000Z"), (4_107_542_400, "21000301T000000Z"), (-1, "19691231T235959Z"),
    ] as [(Int64, String)] {
      #expect(SigningTime.text(seconds) == text)
    }
  }
}

func hex(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
