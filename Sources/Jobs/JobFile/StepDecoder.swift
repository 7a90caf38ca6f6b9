import Basics
import Storage
import Wire

/// Decodes the steps of a job file and collects all mistakes.
struct StepDecoder {
  private static let nameLimit = 200

  let registry: StepRegistry
  let base: String?
  let settings: Settings
  var variables: Variables
  /// Tables that the steps may name.
  var tables: [TableDefinition] = []
  var columnOrder = ColumnOrder("{}")
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
    let name = name(members["name"], location: "\(location).name") ?? typeName
    guard
      let values = values(
        of: type.fields, members, also: ["type", "name"], of: "a \(typeName) step", location: location)
    else { return nil }
    do {
      let checked = FieldValues(location: location, values: values, settings: settings, tables: tables)
      return ResolvedStep(type: typeName, name: name, values: checked, step: try type.init(checked))
    } catch {
      errors.append(error)
      return nil
    }
  }

  /// The tables of a job file, by name.
  mutating func tables(_ value: JSONValue?) -> [TableDefinition] {
    guard let value else { return [] }
    guard case .object(let members) = value else {
      return note("tables", "expected an object of tables, found \(FieldCheck.found(value))") ?? []
    }
    var tables: [TableDefinition] = []
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      let location = "tables.\(name)"
      guard case .object(let members) = value else {
        _ =
          note(location, "expected an object with \"files\" or \"sql\", found \(FieldCheck.found(value))")
          as Int?
        continue
      }
      guard
        var values = values(of: TableDefinition.fields, members, also: [], of: "a table", location: location)
      else { continue }
      if let columns = values["columns"] { values["columns"] = columnOrder.ordered(columns, of: name) }
      do {
        tables.append(try TableDefinition(name, FieldValues(location: location, values: values)))
      } catch {
        errors.append(error)
      }
    }
    return tables
  }

  /// Checks the members of an object against fields.
  /// - Returns: nil if there is a mistake.
  private mutating func values(
    of fields: [Field], _ members: [String: JSONValue], also others: [String], of what: String,
    location: String
  ) -> [String: JSONValue]? {
    let noted = (errors.count, variables.errors.count)
    let known = fields.map(\.name) + others
    for key in members.keys.sorted() where !known.contains(key) {
      errors.append(
        JobFileError(
          location: "\(location).\(key)", message: "unknown key of \(what)" + Nearest.hint(key, among: known))
      )
    }
    var values: [String: JSONValue] = [:]
    for field in fields {
      values[field.name] = self.value(of: field, members[field.name], location: location)
    }
    guard (errors.count, variables.errors.count) == noted,
      values.count == fields.count - absent(fields, members)
    else { return nil }
    for field in fields {
      guard case .contents(let target) = field.kind, let path = values.removeValue(forKey: field.name)?.text
      else { continue }
      let location = "\(location).\(field.name)"
      if values[target] != nil { return note(location, "give either this or \"\(target)\"") }
      guard let text = contents(path, location: location) else { return nil }
      values[target] = .string(text)
    }
    return values
  }

  private mutating func contents(_ path: String, location: String) -> String? {
    do {
      let uri = try ObjectURI(path).resolved(against: base ?? "/").description
      let bytes = try ObjectStores.contents(of: uri, settings: settings)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        return note(location, "'\(path)' is not UTF-8 text")
      }
      return text
    } catch {
      return note(location, "\(error)")
    }
  }

  /// The number of optional fields that are absent.
  private func absent(_ fields: [Field], _ members: [String: JSONValue]) -> Int {
    fields.count { $0.isOptional && $0.defaultValue == nil && members[$0.name] == nil }
  }

  private mutating func value(of field: Field, _ given: JSONValue?, location: String) -> JSONValue? {
    let location = "\(location).\(field.name)"
    guard let given else {
      if field.kind == .uri, case .string(let text)? = field.defaultValue, let base {
        return (try? FieldCheck.check(.string(text), .uri, base: base)) ?? field.defaultValue
      }
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
