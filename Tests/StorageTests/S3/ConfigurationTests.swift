import Storage
import TestSupport
import Testing
import Wire

@Suite struct ConfigurationTests {
  private func configuration(
    _ settings: [String: String] = [:], _ environment: [String: String] = [:], config: String = ""
  ) throws -> S3Configuration {
    try S3Configuration(
      Settings(settings), .init(environment: environment, config: ProfileFile(text: config)))
  }

  @Test func theOrderOfTheAWSTools() throws {
    let file = "[default]\nregion = file\nendpoint_url = http://file\n[profile p]\nregion = p-file\n"
    var environment: [String: String] = [:]
    #expect(try configuration().region == "us-east-1")
    #expect(try configuration([:], environment, config: file).region == "file")
    #expect(try configuration([:], environment, config: file).host == "file")
    #expect(try configuration([:], ["AWS_PROFILE": "p"], config: file).region == "p-file")
    #expect(try configuration(["s3.profile": "p"], ["AWS_PROFILE": "x"], config: file).region == "p-file")
    environment["AWS_DEFAULT_REGION"] = "default"
    environment["AWS_ENDPOINT_URL"] = "https://general"
    #expect(try configuration([:], environment, config: file).region == "default")
    #expect(try configuration([:], environment, config: file).host == "general")
    environment["AWS_REGION"] = "environment"
    environment["AWS_ENDPOINT_URL_S3"] = "https://s3"
    #expect(try configuration([:], environment, config: file).region == "environment")
    #expect(try configuration([:], environment, config: file).host == "s3")
    let all = try configuration(
      ["s3.region": "job", "s3.endpoint": "http://Job:80/"], environment, config: file)
    #expect(all.region == "job" && all.scheme == "http" && all.host == "job" && all.basePath == "")
  }

  @Test func amazonByDefault() throws {
    let amazon = try configuration(["s3.region": "eu-west-1"])
    #expect(amazon.scheme == "https" && !amazon.isPathStyle)
    #expect(
      amazon.address(bucket: "b-1", key: "a b/ü+=%") == (
        "b-1.s3.eu-west-1.amazonaws.com", "/a%20b/%C3%BC%2B%3D%25"
      ))
    #expect(amazon.address(bucket: "b-1", key: "") == ("b-1.s3.eu-west-1.amazonaws.com", "/"))
    // No certificate is for a name with more dots.
    #expect(amazon.address(bucket: "my.bucket", key: "k") == ("s3.eu-west-1.amazonaws.com", "/my.bucket/k"))
    #expect(try configuration(["s3.region": "cn-north-1"]).host == "s3.cn-north-1.amazonaws.com.cn")
    #expect(try configuration(["s3.pathStyle": "true"]).address(bucket: "b", key: "k").path == "/b/k")
  }

  @Test func ownServers() throws {
    let own = try configuration(["s3.endpoint": "http://127.0.0.1:9000/prefix/"])
    #expect(own.isPathStyle && own.basePath == "/prefix")
    #expect(own.address(bucket: "b", key: "../x//y") == ("127.0.0.1:9000", "/prefix/b/../x//y"))
    #expect(own.address(bucket: "b", key: "") == ("127.0.0.1:9000", "/prefix/b"))
    let virtual = try configuration(["s3.endpoint": "https://host:443", "s3.pathStyle": "false"])
    #expect(virtual.address(bucket: "b", key: "k") == ("b.host", "/k"))
  }

  @Test(arguments: [
    "127.0.0.1:9000", "ftp://x", "http://", "http:///x", "http://me:hunter2@host", "http://a b", "http://x?y",
    "http://x/#y", "http://x\n",
  ]) func endpointsThatAreNone(_ text: String) {
    let told = failure { try configuration(["s3.endpoint": text]) }
    #expect(told?.kind == "invalid" && told?.description.contains("hunter2") == false)
  }

  @Test func http2NeedsTLS() throws {
    #expect(failure { try configuration(["s3.http": "2", "s3.endpoint": "http://x"]) }?.kind == "invalid")
    _ = try configuration(["s3.http": "2", "s3.endpoint": "https://x"])
    _ = try configuration(["s3.http": "1.1", "s3.endpoint": "http://x"])
  }

  @Test func aRegionIsAWord() {
    #expect(failure { try configuration(["s3.region": "eu/west"]) }?.kind == "invalid")
  }
}
