// Seeds for job files, from the fields of the steps: a new kind of step is fuzzed without further work.
import Basics
import Jobs

enum StepSeeds {
  /// Jobs with one step of a type: its required fields, all fields at either end of their ranges, all fields as variables.
  static func jobs(_ type: any Step.Type) -> [[UInt8]] {
    let required = type.fields.filter(\.isRequired)
    return [
      job(type, required.map { ($0.name, sample($0, 0)) }),
      job(type, type.fields.map { ($0.name, sample($0, 0)) }),
      job(type, type.fields.map { ($0.name, sample($0, 1)) }),
      job(
        type, type.fields.map { ($0.name, .string("${\($0.name)}")) },
        variables: type.fields.map { ($0.name, sample($0, 0)) }),
    ]
  }

  private static func job(
    _ type: any Step.Type, _ values: [(String, JSONValue)], variables: [(String, JSONValue)] = []
  ) -> [UInt8] {
    var step = Dictionary(values) { first, _ in first }
    step["type"] = .string(type.type)
    return Array(
      JSONText.compact([
        "steps": [.object(step)], "variables": .object(Dictionary(variables) { first, _ in first }),
      ]).utf8)
  }

  private static func sample(_ field: Field, _ end: Int) -> JSONValue {
    switch (field.role, field.kind) {
    case (.input, _): end == 0 ? "/in" : "kafka://b:9092/t"
    case (.output, _): end == 0 ? "/out" : "s3://b/out/"
    default: sample(field.kind, end)
    }
  }

  private static func sample(_ kind: FieldKind, _ end: Int) -> JSONValue {
    switch kind {
    case .string: end == 0 ? "a" : "é"
    case .uri: "/a"
    case .date: end == 0 ? "2025-04-01" : "9999-12-31"
    case .bool: .bool(end == 0)
    case .integer(let min, let max): .integer(end == 0 ? min ?? 0 : max ?? .max)
    case .number(let min, let max): .number(end == 0 ? min ?? 0 : max ?? 1e300)
    case .strings, .uris: ["a", "b"]
    case .object: ["a": "text"]
    case .contents: "a.sql"
    case .choice(let choices): .string(choices[end % choices.count])
    case .either(let first, let second): sample(end == 0 ? first : second, end)
    }
  }
}
