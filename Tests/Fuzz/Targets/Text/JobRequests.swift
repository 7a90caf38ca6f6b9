import Basics
import HTTP
import Jobs
import WebUI

extension FuzzTarget {
  /// Requests to a driver: a path in the first line, then a body. The driver can read an accepted job again after a restart.
  static let jobRequest = FuzzTarget("job-request") {
    let job = #"{"steps":[{"type":"segment","input":"${r}/a","output":"/b","clusters":3}]}"#
    return [
      "/api/v1/jobs?state=done\n"
        + #"{"job":\#(job),"id":"a.b-1","variables":{"r":"/x"},"conf":{"s3.region":"eu"}}"#,
      "/api/v1/jobs/a%20b/cancel\n" + #"{"job":\#(job),"force":true,"name":"n"}"#,
      "/api/v1/events?job=x&job=%2e\n{}", "/../%2e%2e//healthz\n[]",
    ].map { Array($0.utf8) }
  } check: { input in
    let parts = input.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
    try checkAddress(Array(parts.first ?? []))
    let body = Array(parts.dropFirst().first ?? [])
    guard let request = try unless(WebError.self, { try JobRequest(body: body, registry: .standard) }) else {
      return
    }
    let resolved = try ResolvedJob(json: request.submission.text, registry: .standard)
    try require(resolved.json == request.submission.text, "a job is another one after it was kept")
  }

  private static func checkAddress(_ bytes: [UInt8]) throws {
    let parts = String(decoding: bytes, as: UTF8.self).split(separator: "?", maxSplits: 1)
    guard let path = PercentEncoding.decoded(parts.first.map(String.init) ?? "") else { return }
    for method in ["GET", "POST", "DELETE"] {
      let request = HTTPRequest(method: method, path: path, query: ["state": "done", "job": path])
      guard let route = try unless(WebError.self, { try WebRoute(request, assets: ["/", "/page.js"]) }) else {
        continue
      }
      try require(!route.isChange || method == "POST", "\(method) \(path) changes something")
      if case .asset(let name) = route { try require(["/", "/page.js"].contains(name), "the asset \(name)") }
    }
  }
}
