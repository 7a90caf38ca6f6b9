import Engine
import Wire

/// What a file says that a driver or a history reads again. Not the form of the API: moments are microseconds, nothing is left out.
extension JobRecord {
  var stateJSON: JSONValue {
    [
      "id": .string(id.name), "name": .string(name), "detached": .bool(isDetached), "digest": .string(digest),
      "state": .string(state.rawValue), "error": .text(error), "submitted": .integer(submitted.microseconds),
      "started": .exact(started), "finished": .exact(finished), "runs": .count(runs),
      "omittedLines": .count(omittedLines),
      "lines": .array(lines.map { ["at": .integer($0.at.microseconds), "text": .string($0.text)] }),
      "steps": .array(steps.map(\.stateJSON)),
    ]
  }

  /// - Throws: ``StateError/invalid(_:)``, which says what is missing.
  init(state json: JSONValue) throws(StateError) {
    let name = try json.string("id")
    guard JobID.isValid(name) else { throw .invalid("'\(name)' is no job id") }
    id = JobID(name)
    self.name = try json.string("name")
    isDetached = json["detached"]?.bool ?? false
    digest = try json.string("digest")
    guard let state = State(rawValue: try json.string("state")) else { throw .invalid("state is none") }
    self.state = state
    error = json["error"]?.text
    submitted = try json.moment("submitted")
    started = try json.optionalMoment("started")
    finished = try json.optionalMoment("finished")
    runs = try json.count("runs")
    omittedLines = json["omittedLines"] == nil ? 0 : try json.count("omittedLines")
    lines = (json["lines"]?.items ?? []).compactMap { line in
      guard let at = line["at"]?.int, let text = line["text"]?.text else { return nil }
      return Line(at: Moment(microseconds: Int64(at)), text: text)
    }
    guard let steps = json["steps"]?.items else { throw .invalid("steps are missing") }
    self.steps = []
    for step in steps { self.steps.append(try StepRecord(state: step)) }
  }
}

extension StepRecord {
  fileprivate var stateJSON: JSONValue {
    var object: [String: JSONValue] = [
      "type": .string(type), "name": .string(name), "state": .string(state.rawValue),
      "started": .exact(started), "seconds": seconds.map { .number($0) } ?? .null,
    ]
    if let report { object["report"] = report.stateJSON }
    return .object(object)
  }

  fileprivate init(state json: JSONValue) throws(StateError) {
    self.init(type: try json.string("type"), name: try json.string("name"))
    guard let state = State(rawValue: try json.string("state")) else {
      throw .invalid("a step's state is none")
    }
    self.state = state
    started = try json.optionalMoment("started")
    seconds = json["seconds"]?.double
    report = try json["report"].map { report throws(StateError) in try StepReport(state: report) }
    // What counts as done must be there to be told again.
    if state == .done, report == nil { throw .invalid("a step that is done has no report") }
  }
}

extension StepReport {
  var stateJSON: JSONValue {
    [
      "output": .string(output), "skipped": .bool(skipped), "values": .object(values), "text": .string(text),
    ]
  }

  init(state json: JSONValue) throws(StateError) {
    guard case .object(let values)? = json["values"] else { throw .invalid("a report's values are missing") }
    self.init(
      output: try json.string("output"), skipped: json["skipped"]?.bool ?? false, values: values,
      text: try json.string("text"))
  }
}

extension JSONValue {
  static func exact(_ moment: Moment?) -> JSONValue { moment.map { .integer($0.microseconds) } ?? .null }

  func string(_ key: String) throws(StateError) -> String {
    guard let value = self[key]?.text else { throw .invalid("\(key) is missing, or no string") }
    return value
  }

  /// A count. No file makes numbers that the sums over many of them, or a difference, could overflow.
  func count(_ key: String) throws(StateError) -> Int {
    guard let value = self[key]?.int else { throw .invalid("\(key) is missing, or no integer") }
    guard (0...JSONValue.largestCount).contains(value) else { throw .invalid("\(key) is out of range") }
    return value
  }

  func moment(_ key: String) throws(StateError) -> Moment {
    guard let moment = try optionalMoment(key) else { throw .invalid("\(key) is missing, or no integer") }
    return moment
  }

  /// nil where it is missing or null.
  func optionalMoment(_ key: String) throws(StateError) -> Moment? {
    guard let value = self[key]?.int else { return nil }
    guard (-JSONValue.latest...JSONValue.latest).contains(value) else {
      throw .invalid("\(key) is out of range")
    }
    return Moment(microseconds: Int64(value))
  }

  private static var largestCount: Int { 1 << 40 }
  /// Microseconds since 1970: the year 2255.
  private static var latest: Int { 1 << 53 }
}

/// Why a file of a driver's state, or an event log, cannot be used.
package enum StateError: Error, Hashable, Sendable, CustomStringConvertible {
  case invalid(String)
  case folder(String, reason: String)
  case locked(String)

  package var description: String {
    switch self {
    case .invalid(let reason): reason
    case .folder(let path, let reason): "\(path): \(reason)"
    case .locked(let path): "\(path): another driver keeps its state there"
    }
  }
}
