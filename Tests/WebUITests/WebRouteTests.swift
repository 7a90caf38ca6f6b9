import Basics
import Foundation
import HTTP
import Testing
import WebUI
import Wire

private let assets: Set = ["/", "/assets/app.js"]

private func route(_ method: String, _ path: String, _ query: [String: String] = [:]) throws(WebError)
  -> WebRoute
{
  try WebRoute(HTTPRequest(method: method, path: path, query: query), assets: assets)
}

@Suite struct WebRouteTests {
  @Test func knowsItsAddresses() throws {
    #expect(try route("GET", "/") == .asset("/"))
    #expect(try route("HEAD", "/assets/app.js") == .asset("/assets/app.js"))
    #expect(try route("GET", "/healthz") == .health)
    #expect(try route("GET", "/api/v1/jobs") == .jobs(nil))
    #expect(try route("GET", "/api/v1/jobs", ["state": "failed"]) == .jobs(.failed))
    #expect(try route("POST", "/api/v1/jobs") == .submit)
    #expect(try route("GET", "/api/v1/jobs/a-1") == .job(JobID("a-1")))
    #expect(try route("POST", "/api/v1/jobs/a/cancel") == .cancel(JobID("a")))
    #expect(try route("GET", "/api/v1/jobs/a/logs") == .logs(JobID("a")))
    #expect(try route("GET", "/api/v1/events", ["job": "a"]) == .events(JobID("a")))
    #expect(try route("GET", "/api/v1/openapi.json") == .description)
  }

  @Test(arguments: [
    "/assets/../main", "/assets/..", "/..", "//", "/api/v1/jobs/", "/api//v1/jobs", "/api/v1/jobs/a/b/c",
    "/metrics/",
    "/assets/app.js/", "/api/v1/jobs/a/", "/etc/passwd", "/API/v1/jobs", "/api/v2/jobs",
  ])
  func nothingElseIsThere(path: String) {
    #expect(throws: WebError.self) { try route("GET", path) }
  }

  @Test(arguments: ["..", ".hidden", "a b", "a/../b", "ä", "a\u{0}b", String(repeating: "x", count: 201)])
  func idsAreChecked(id: String) {
    #expect(throws: WebError.self) { try route("GET", "/api/v1/jobs/\(id)") }
    #expect(throws: WebError.self) { try route("GET", "/api/v1/events", ["job": id]) }
  }

  @Test func methodsAreChecked() {
    for (method, path, allowed) in [
      ("DELETE", "/", "GET, HEAD"), ("POST", "/metrics", "GET, HEAD"),
      ("PUT", "/api/v1/jobs", "GET, HEAD, POST"),
      ("GET", "/api/v1/jobs/a/cancel", "POST"), ("POST", "/api/v1/jobs/a", "GET, HEAD"),
    ] {
      #expect(throws: WebError.method(method, allowed: allowed)) { try route(method, path) }
    }
    #expect(throws: WebError.self) { try route("GET", "/api/v1/jobs", ["state": "dead"]) }
  }

  @Test func committedDescriptionIsCurrent() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/openapi.json")
    #expect(
      try String(contentsOf: file, encoding: .utf8) == OpenAPI.text,
      "after a change of operations: swift-driver --print-openapi > docs/openapi.json")
  }

  @Test func onlySubmitAndCancelChangeSomething() throws {
    #expect(try route("POST", "/api/v1/jobs").isChange && route("POST", "/api/v1/jobs/a/cancel").isChange)
    for path in ["/", "/api/v1/jobs", "/api/v1/jobs/a", "/api/v1/events", "/metrics"] {
      #expect(try !route("GET", path).isChange)
    }
  }
}

@Suite struct HTTPRequestTests {
  @Test func escapesAreReadStrictly() {
    #expect(PercentEncoding.decoded("/a%20b%C3%A4") == "/a bä")
    #expect(
      PercentEncoding.decoded("a+b", plusIsSpace: true) == "a b" && PercentEncoding.decoded("a+b") == "a+b")
    for bad in ["%", "%2", "%zz", "%00", "%0a", "%7f", "%ff", "a\u{1}"] {
      #expect(PercentEncoding.decoded(bad) == nil, "\(bad)")
    }
  }

  @Test func bearerTokens() {
    func token(_ value: String) -> String? {
      HTTPRequest(method: "GET", path: "/", headers: ["authorization": value]).bearerToken
    }
    #expect(token("Bearer abc") == "abc" && token("bearer  abc") == "abc")
    #expect(token("Bearer ") == nil && token("Basic abc") == nil && token("") == nil)
  }

  @Test func tokensAreCompared() throws {
    let token = try AccessToken("open sesame")
    #expect(token.matches("open sesame"))
    for other in [nil, "", "open sesam", "open sesame ", "Open sesame"] { #expect(!token.matches(other)) }
    #expect(!"\(token)".contains("sesame") && !String(reflecting: token).contains("sesame"))
  }
}
