import Engine
import Wire

extension JSONValue {
  static func count(_ value: Int) -> JSONValue { .integer(Int64(value)) }

  /// To the millisecond.
  static func seconds(_ value: Double) -> JSONValue { .number((value * 1000).rounded() / 1000) }

  static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

  static func moment(_ value: Moment?) -> JSONValue { .text(value?.text) }

  subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  var int: Int? { if case .integer(let value) = self { Int(value) } else { nil } }

  var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  var items: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
}

/// The form of the API: docs/openapi.json.
extension JobRecord {
  /// As in a list of jobs.
  var summaryJSON: [String: JSONValue] {
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

  var linesJSON: JSONValue {
    [
      "id": .string(id.name), "state": .string(state.rawValue), "omitted": .count(omittedLines),
      "lines": .array(lines.map { ["time": .string($0.at.text), "text": .string($0.text)] }),
    ]
  }
}

extension StepRecord {
  /// A step's own values stand beside `type`, `name`, `state`, `seconds` and `output`, which they cannot replace.
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
