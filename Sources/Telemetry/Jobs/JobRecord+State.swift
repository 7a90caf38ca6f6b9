import Basics
import Jobs
import Wire

/// The form of a record on disk, read by a later driver or by the history server. Unlike the API, times are microseconds and nothing is left out.
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

  /// - Throws: ``StateError/invalid(_:)``, which names the missing part.
  init(state json: JSONValue) throws(StateError) {
    let name = try json.string("id")
    guard JobID.isValid(name) else { throw .invalid("'\(name)' is not a job id") }
    id = JobID(name)
    self.name = try json.string("name")
    isDetached = json["detached"]?.bool ?? false
    digest = try json.string("digest")
    guard let state = State(rawValue: try json.string("state")) else { throw .invalid("unknown state") }
    self.state = state
    error = json["error"]?.text
    submitted = try json.moment("submitted")
    started = try json.momentIfAny("started")
    finished = try json.momentIfAny("finished")
    runs = try json.natural("runs")
    omittedLines = try json["omittedLines"] == nil ? 0 : json.natural("omittedLines")
    lines = (json["lines"]?.items ?? []).compactMap { line in
      guard let at = try? line.moment("at"), let text = line["text"]?.text else { return nil }
      return Line(at: at, text: text)
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
      throw .invalid("unknown state of a step")
    }
    self.state = state
    started = try json.momentIfAny("started")
    seconds = json.seconds("seconds")
    report = try json["report"].map { report throws(StateError) in try StepReport(state: report) }
    // A finished step must have a report, as it is sent to clients again.
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

  /// The range of counts accepted from files: sums of them cannot overflow.
  static var naturals: ClosedRange<Int> { 0...1 << 48 }

  func natural(_ key: String) throws(StateError) -> Int {
    guard let value = self[key]?.int, JSONValue.naturals ~= value else {
      throw .invalid("\(key) is missing, or not an integer from 0 to 2^48")
    }
    return value
  }

  func moment(_ key: String) throws(StateError) -> Moment {
    guard let value = self[key]?.int, Moment.readable ~= Int64(value) else {
      throw .invalid("\(key) is missing, or not microseconds since 1970")
    }
    return Moment(microseconds: Int64(value))
  }

  func momentIfAny(_ key: String) throws(StateError) -> Moment? {
    self[key] == nil || self[key] == .null ? nil : try moment(key)
  }

  /// nil if there is no number; a time out of range is clamped.
  func seconds(_ key: String) -> Double? { self[key]?.double.map { min(max($0, 0), 1e12) } }
}

/// Why a state file or an event log cannot be used.
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
