import Basics

/// The documents of the HTTP API (docs/openapi.json).
extension JobRecord {
  /// The entry in a list of jobs.
  package var summaryJSON: [String: JSONValue] {
    var object: [String: JSONValue] = [
      "id": .string(id.name), "name": .string(name), "state": .string(state.rawValue),
      "detached": .bool(isDetached), "runs": .count(runs), "submitted": .moment(submitted),
      "started": .moment(started), "finished": .moment(finished),
      "stepsDone": .count(steps.count { $0.state == .done }), "stepCount": .count(steps.count),
    ]
    if let started { object["seconds"] = .seconds((finished ?? .now).seconds(since: started)) }
    if let error { object["error"] = .string(error) }
    if !status.isEmpty { object["status"] = .string(status) }
    return object
  }

  package var json: JSONValue {
    var object = summaryJSON
    object["steps"] = .array(steps.map(\.json))
    return .object(object)
  }

  package var linesJSON: JSONValue {
    [
      "id": .string(id.name), "state": .string(state.rawValue), "omitted": .count(omittedLines),
      "lines": .array(lines.map { ["time": .string($0.at.text), "text": .string($0.text)] }),
    ]
  }
}

extension StepRecord {
  /// Includes the step's own values, which cannot replace `type`, `name`, `state`, `seconds` and `output`.
  var json: JSONValue {
    var object = report?.values ?? [:]
    object["type"] = .string(type)
    object["name"] = .string(name)
    object["state"] = .string(state.rawValue)
    object["seconds"] = seconds.map { .seconds($0) } ?? .null
    object["output"] = .text(report?.output)
    object["skipped"] = .bool(report?.skipped ?? false)
    return .object(object)
  }
}
