import Foundation
import Storage
import Synchronization
import TestSupport
import Testing
import Wire

@Suite struct CredentialTests {
  private static let config = """
    # a comment
    [default]
    region = eu-central-1
    aws_access_key_id=CONFIG
    aws_secret_access_key=config/secret+=
    s3 =
      max_concurrent_requests = 20
      region = nested

    [profile  work]
    Region = eu-west-1   # where we are
    endpoint_url = http://127.0.0.1:9000
    [broken
    aws_access_key_id = NOBODY
    [profile sso]
    sso_session = corp
    """
  private static let credentials = """
    [default]
    aws_access_key_id = AKID
    aws_secret_access_key = se#cr;et=
    [work]\r
    aws_access_key_id = WORK\r
    aws_secret_access_key = ws\r
    aws_session_token = wt
    """

  private func profile(_ name: String) -> Profile {
    Profile(
      name, config: ProfileFile(text: Self.config), credentials: ProfileFile(text: Self.credentials))
  }

  @Test func bothFilesMakeAProfile() throws {
    let standard = profile("default")
    #expect(standard.values["region"] == "eu-central-1")
    let keys = try #require(try ProfileCredentials(standard, isNamed: false).load())
    #expect(keys.accessKey == "AKID" && keys.secretKey == "se#cr;et=" && keys.sessionToken == nil)
    let work = profile("work")
    #expect(work.values["region"] == "eu-west-1")
    let other = try #require(try ProfileCredentials(work, isNamed: true).load())
    #expect(other.accessKey == "WORK" && other.secretKey == "ws" && other.sessionToken == "wt")
  }

  @Test func profilesThatGiveNothing() throws {
    #expect(try ProfileCredentials(profile("none"), isNamed: false).load() == nil)
    #expect(
      failure { try ProfileCredentials(profile("none"), isNamed: true).load() }?.description.contains(
        "'none'") == true)
    #expect(
      failure { try ProfileCredentials(profile("sso"), isNamed: false).load() }?.description
        .contains("'sso_session' is not supported") == true)
  }

  @Test func halfAPairIsAMistake() throws {
    #expect(try EnvironmentCredentials([:]).load() == nil)
    #expect(try EnvironmentCredentials(["AWS_ACCESS_KEY_ID": ""]).load() == nil)
    #expect(
      failure { try EnvironmentCredentials(["AWS_ACCESS_KEY_ID": "a"]).load() }?.description
        .contains("AWS_SECRET_ACCESS_KEY is missing") == true)
    #expect(failure { try SettingsCredentials(Settings(["s3.accessKeyId": "a"])).load() }?.kind == "invalid")
    let keys = try EnvironmentCredentials([
      "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c",
    ]).load()
    #expect(keys?.sessionToken == "c")
  }

  @Test func nothingPrintsAKey() {
    let keys = Credentials(
      accessKey: "hunter1", secretKey: "hunter2", sessionToken: "hunter3", source: "a test")
    var dumped = ""
    dump(keys, to: &dumped)
    for text in ["\(keys)", String(reflecting: keys), "\([keys])", dumped] {
      #expect(!text.contains("hunter"))
    }
  }

  /// Gives what its script says, and counts.
  private final class Script: CredentialSource {
    let name: String
    private let answers: Mutex<[Result<Credentials?, StorageError>]>
    let asked = Mutex(0)

    init(_ name: String, _ answers: [Result<Credentials?, StorageError>]) {
      self.name = name
      self.answers = Mutex(answers)
    }

    func load() throws -> Credentials? {
      asked.withLock { $0 += 1 }
      return try answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }.get()
    }
  }

  private final class Clock: Sendable {
    let now = Mutex(Date(timeIntervalSince1970: 1_000_000))
    func advance(_ seconds: Double) { now.withLock { $0 += seconds } }
    func date(_ seconds: Double) -> Date { now.withLock { $0 + seconds } }
  }

  private func keys(_ name: String, _ expiration: Date? = nil) -> Credentials {
    Credentials(accessKey: name, secretKey: "s", expiration: expiration, source: "a test")
  }

  @Test func theFirstSourceThatHasSomeIsAsked() throws {
    let none = Script("none", [.success(nil)])
    let some = Script("some", [.success(keys("k"))])
    let later = Script("later", [.success(keys("l"))])
    let chain = CredentialChain([none, some, later])
    for _ in 0..<3 { #expect(try chain.credentials().accessKey == "k") }
    #expect(none.asked.withLock { $0 } == 1 && some.asked.withLock { $0 } == 1)
    #expect(later.asked.withLock { $0 } == 0)
    // One that is set up and does not work is no reason to look for another account.
    let broken = Script("broken", [.failure(.invalid(location: "p", message: "m"))])
    #expect(failure { try CredentialChain([broken, some]).credentials() }?.description == "p: m")
    let message = failure { try CredentialChain([none, none]).credentials() }?.description
    #expect(message?.contains("none, none") == true && message?.contains("AWS_ACCESS_KEY_ID") == true)
  }

  @Test func newOnesBeforeTheEnd() throws {
    let clock = Clock()
    let source = Script(
      "s",
      [
        .success(keys("first", clock.date(3600))), .failure(.transient(location: "p", message: "down")),
        .success(keys("second", clock.date(7200))), .failure(.transient(location: "p", message: "down")),
      ])
    let chain = CredentialChain([source]) { clock.date(0) }
    #expect(try chain.credentials().accessKey == "first")
    clock.advance(3200)
    #expect(try chain.credentials().accessKey == "first")
    #expect(source.asked.withLock { $0 } == 1)
    // Five minutes before: the server is down, the old ones still work, and it is not asked again at once.
    clock.advance(150)
    #expect(try chain.credentials().accessKey == "first")
    #expect(try chain.credentials().accessKey == "first")
    #expect(source.asked.withLock { $0 } == 2)
    clock.advance(11)
    #expect(try chain.credentials().accessKey == "second")
    // Ended, and no new ones: an error, not a refused request.
    clock.advance(4000)
    #expect(failure { try chain.credentials() }?.kind == "transient")
  }

  @Test func refusedOnesAreNotKept() throws {
    let source = Script("s", [.success(keys("old")), .success(keys("new"))])
    let chain = CredentialChain([source])
    let old = try chain.credentials()
    chain.discard(old)
    #expect(try chain.credentials().accessKey == "new")
    chain.discard(old)
    #expect(try chain.credentials().accessKey == "new")
  }
}
