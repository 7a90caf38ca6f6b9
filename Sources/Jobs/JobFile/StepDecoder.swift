import Basics
import Wire

/// Decodes the steps of a job file and collects all mistakes.
struct StepDecoder {
  private static let nameLimit = 200

  let registry: StepRegistry
  let base: String?
  let settings: Settings
  var variables: Variables
  private(set) var errors: [JobFileError] = []

  init(registry: StepRegistry, base: String?, settings: Settings, variables: Variables) {
    self.registry = registry
    self.base = base
    self.settings = settings
    self.variables = variables
  }

  /// - Returns: nil if absent or wrong.
  mutating func name(_ value: JSONValue?, location: String) -> String? {
    guard let value else { return nil }
    guard let text = value.text else {
      return note(location, "expected a string, found \(FieldCheck.found(value))")
    }
    guard let (substituted, _) = variables.substitute(text, location: location) else { return nil }
    let name = substituted.text ?? JSONText.compact(substituted)
    guard !name.isEmpty, name.count <= StepDecoder.nameLimit,
      !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { return note(location, "expected a name of 1 to \(StepDecoder.nameLimit) characters") }
    return name
  }

  mutating func steps(_ value: JSONValue?) -> [ResolvedStep] {
    guard let value else { return note("steps", "missing; expected an array of steps") ?? [] }
    guard case .array(let items) = value else {
      return note("steps", "expected an array of steps, found \(FieldCheck.found(value))") ?? []
    }
    if items.isEmpty { return note("steps", "expected at least one step") ?? [] }
    var steps: [ResolvedStep] = []
    for (index, item) in items.enumerated() {
      if let step = step(item, location: "steps[\(index)]") { steps.append(step) }
    }
    return steps
  }

  private mutating func step(_ value: JSONValue, location: String) -> ResolvedStep? {
    guard case .object(let members) = value else {
      return note(location, "expected an object with \"type\", found \(FieldCheck.found(value))")
    }
    let types = registry.names.map { JSONText.quoted($0) }.joined(separator: ", ")
    guard let typeValue = members["type"] else {
      return note("\(location).type", "missing; expected one of \(types)")
    }
    guard let typeName = typeValue.text, let type = registry[typeName] else {
      let hint = Nearest.hint(typeValue.text ?? "", among: registry.names)
      return note("\(location).type", "expected one of \(types), found \(FieldCheck.found(typeValue))\(hint)")
    }
    let noted = (errors.count, variables.errors.count)
    let name = name(members["name"], location: "\(location).name") ?? typeName
    let fields = type.fields
    let known = fields.map(\.name) + ["type", "name"]
    for key in members.keys.sorted() where !known.contains(key) {
      errors.append(
        JobFileError(
          location: "\(location).\(key)",
          message: "unknown key of a \(typeName) step" + Nearest.hint(key, among: known)))
    }
    var values: [String: JSONValue] = [:]
    for field in fields {
      values[field.name] = self.value(of: field, members[field.name], location: location)
    }
    guard (errors.count, variables.errors.count) == noted,
      values.count == fields.count - absent(fields, members)
    else { return nil }
    do {
      let checked = FieldValues(location: location, values: values, settings: settings)
      return ResolvedStep(type: typeName, name: name, values: checked, step: try type.init(checked))
    } catch {
      errors.append(error)
      return nil
    }
  }

  /// The number of optional fields that are absent.
  private func absent(_ fields: [Field], _ members: [String: JSONValue]) -> Int {
    fields.count { $0.isOptional && $0.defaultValue == nil && members[$0.name] == nil }
  }

  private mutating func value(of field: Field, _ given: JSONValue?, location: String) -> JSONValue? {
    let location = "\(location).\(field.name)"
    guard let given else {
      guard field.isRequired else { return field.defaultValue }
      return note(location, "missing; expected \(FieldCheck.describe(field.kind))")
    }
    var value = given
    var replaced = false
    if case .string(let text) = given {
      guard let result = variables.substitute(text, location: location) else { return nil }
      (value, replaced) = result
    } else if case .array(let items) = given {
      var substituted: [JSONValue] = []
      for (index, item) in items.enumerated() {
        guard let text = item.text else {
          substituted.append(item)
          continue
        }
        guard let (value, _) = variables.substitute(text, location: "\(location)[\(index)]") else {
          return nil
        }
        substituted.append(.string(value.text ?? JSONText.compact(value)))
      }
      value = .array(substituted)
    }
    do {
      return try FieldCheck.check(value, field.kind, fromText: replaced, base: base)
    } catch {
      return note(location + error.sublocation, error.message)
    }
  }

  private mutating func note<T>(_ location: String, _ message: String) -> T? {
    errors.append(JobFileError(location: location, message: message))
    return nil
  }
}
