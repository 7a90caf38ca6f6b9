import TestSupport
import Testing
import WebUI
import Wire

@Suite struct JobRequestTests {
  private func request(_ body: String) throws(WebError) -> JobRequest {
    try JobRequest(body: Array(body.utf8), registry: toySteps)
  }

  private let job = #"{"name": "toy job", "variables": {"n": 3}, "steps": [{"type": "toy", "maps": "${n}"}]}"#

  @Test func aJobWithVariables() throws {
    let plain = try request(#"{"job": \#(job)}"#)
    #expect(plain.id == nil && !plain.submission.force && plain.submission.isDetached)
    #expect(plain.submission.name == "toy job" && plain.submission.text.contains(#""maps":3"#))
    let other = try request(
      #"{"id": "nightly_2025-04-21", "job": \#(job), "variables": {"n": 5, "more": "x"}, "force": true, "name": "mine"}"#
    )
    #expect(
      other.id == JobID("nightly_2025-04-21") && other.submission.force && other.submission.name == "mine")
    #expect(other.submission.text.contains(#""maps":5"#))
    #expect(other.submission.digest != plain.submission.digest)
  }

  @Test(arguments: [
    ("", "the body is not JSON"), ("[]", "expected an object"), ("{}", "job is missing"),
    (#"{"jobs": {}}"#, "unknown key 'jobs'; did you mean 'job'?"),
    (#"{"id": "../x", "job": {}}"#, "id: expected"),
    (#"{"id": "", "job": {}}"#, "id: expected"), (#"{"force": "yes", "job": {}}"#, "force: expected"),
    (#"{"variables": [], "job": {}}"#, "variables: expected"), (#"{"id": 7, "job": {}}"#, "id: expected"),
  ])
  func mistakesOfTheRequest(body: String, message: String) {
    do throws(WebError) {
      _ = try request(body)
      Issue.record("accepted: \(body)")
    } catch {
      guard case .invalid(let text) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(text.hasPrefix(message), "\(text)")
    }
  }

  @Test func mistakesOfTheJobNameTheirLocations() {
    let body = #"""
      {"job": {"steps": [{"type": "toy", "maps": "five", "x": 1}]}, "variables": {"bad name": 1}, "conf": {"nothing": 1}}
      """#
    do throws(WebError) {
      _ = try request(body)
      Issue.record("accepted")
    } catch {
      guard case .wrongJob(let errors) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(
        Set(errors.map(\.location)) == [
          "job.steps[0].maps", "job.steps[0].x", "variables.bad name", "conf.nothing",
        ])
    }
  }

  @Test func bytesThatAreNoTextAreRefused() {
    #expect(throws: WebError.self) { try JobRequest(body: [0xff, 0xfe], registry: toySteps) }
  }
}
