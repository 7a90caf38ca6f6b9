// The body of a submission over HTTP.
import Basics
import Jobs
import Telemetry
import Wire

/// The body of `POST /api/v1/jobs`.
package struct JobRequest: Sendable {
  private static let keys = ["id", "job", "variables", "conf", "force", "name"]

  package let id: JobID?
  package let submission: JobSubmission

  package init(body: [UInt8], registry: StepRegistry) throws(WebError) {
    guard let text = String(validating: body, as: UTF8.self) else { throw .invalid("the body is not UTF-8") }
    let json: JSONValue
    do { json = try JSONText.parse(text) } catch { throw .invalid("the body is not JSON: line \(error)") }
    guard case .object(let members) = json else { throw .invalid("expected an object with \"job\"") }
    if let key = members.keys.sorted().first(where: { !JobRequest.keys.contains($0) }) {
      throw .invalid("unknown key '\(key)'" + Nearest.hint(key, among: JobRequest.keys))
    }
    id = try JobRequest.id(members["id"])
    guard let job = members["job"] else { throw .invalid("job is missing; expected a job file") }
    let force = members["force"] ?? false
    guard let force = force.bool else { throw .invalid("force: expected true or false") }
    let resolved = try JobRequest.resolve(
      job, variables: try JobRequest.object("variables", members["variables"]),
      conf: try JobRequest.object("conf", members["conf"]), registry)
    let name = members["name"]?.text ?? resolved.name
    guard !name.isEmpty, name.count <= 200 else { throw .invalid("name: expected 1 to 200 characters") }
    submission = JobSubmission(name: name, text: resolved.json, force: force, isDetached: true)
  }

  private static func id(_ value: JSONValue?) throws(WebError) -> JobID? {
    guard let value, value != .null else { return nil }
    guard let name = value.text, JobID.canBeChosen(name) else { throw .invalid("id: expected \(JobID.rule)") }
    return JobID(name)
  }

  private static func object(_ name: String, _ value: JSONValue?) throws(WebError) -> [String: JSONValue] {
    switch value {
    case nil, .null?: return [:]
    case .object(let members)?: return members
    default: throw .invalid("\(name): expected an object of names and values")
    }
  }

  /// Paths must be absolute: a driver has no working directory of the client.
  private static func resolve(
    _ job: JSONValue, variables: [String: JSONValue], conf: [String: JSONValue], _ registry: StepRegistry
  ) throws(WebError) -> ResolvedJob {
    do {
      let settings = conf.sorted { $0.key < $1.key }.map {
        (name: $0.key, value: $0.value.text ?? JSONText.compact($0.value))
      }
      return try JobFile(text: JSONText.compact(job), registry: registry).resolve(
        variablesFile: (file: "request", values: variables), conf: settings)
    } catch {
      throw .wrongJob(error.errors.map { JobFileError(location: location($0.location), message: $0.message) })
    }
  }

  /// The location of a mistake within the body.
  private static func location(_ location: String) -> String {
    for (option, member) in [("--vars request: ", "variables."), ("--conf ", "conf.")]
    where location.hasPrefix(option) {
      return member + location.dropFirst(option.count)
    }
    return location.isEmpty ? "job" : "job.\(location)"
  }
}
