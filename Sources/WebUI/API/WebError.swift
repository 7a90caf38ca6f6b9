// Errors of the HTTP API.
import Basics
import HTTP
import Jobs

/// Why a request is refused.
package enum WebError: Error, Hashable, Sendable {
  case notFound(String)
  case method(String, allowed: String)
  case invalid(String)
  /// The body is not a valid job; every mistake with its location.
  case wrongJob([JobFileError])
  /// The driver was started without a token.
  case readOnly
  case unauthorized
  case wrongHost
  case conflict(String)
  case unavailable(String)

  package var status: Int { kind.status }

  private var kind: (status: Int, code: String) {
    switch self {
    case .notFound: (404, "not_found")
    case .method: (405, "method_not_allowed")
    case .invalid: (400, "invalid_request")
    case .wrongJob: (400, "invalid_job")
    case .readOnly: (403, "read_only")
    case .unauthorized: (401, "unauthorized")
    case .wrongHost: (421, "wrong_host")
    case .conflict: (409, "conflict")
    case .unavailable: (503, "unavailable")
    }
  }

  private var message: String {
    switch self {
    case .notFound(let what): "not found: \(what)"
    case .method(let method, let allowed): "\(method) is not allowed here; expected \(allowed)"
    case .invalid(let message), .conflict(let message), .unavailable(let message): message
    case .wrongJob(let errors):
      errors.count == 1 ? "the job has a mistake" : "the job has \(errors.count) mistakes"
    case .readOnly:
      "this driver accepts no changes over HTTP: it was started without --token-file and SWIFTLET_TOKEN"
    case .unauthorized: "expected the header 'Authorization: Bearer TOKEN', with the driver's token"
    case .wrongHost: "this driver listens on loopback only and was called by another host name"
    }
  }

  private var details: [JSONValue] {
    guard case .wrongJob(let errors) = self else { return [] }
    return errors.map { ["location": .string($0.location), "message": .string($0.message)] }
  }

  package var response: HTTPResponse {
    let error: JSONValue = [
      "code": .string(kind.code), "message": .string(message), "details": .array(details),
    ]
    var response = HTTPResponse(
      status: status, text: JSONText.compact(["error": error]) + "\n", type: WebServer.json)
    if case .method(_, let allowed) = self { response.set("Allow", allowed) }
    if case .unauthorized = self { response.set("WWW-Authenticate", "Bearer") }
    return response
  }
}
