import Basics

/// A job file before its variables are replaced.
package struct JobFile: Sendable {
  private static let keys = ["$schema", "name", "variables", "conf", "tables", "steps"]

  private let file: String?
  private let registry: StepRegistry
  private let members: [String: JSONValue]
  private let columnOrder: ColumnOrder

  /// - Parameters:
  ///   - text: The JSON document.
  ///   - file: The name used in errors.
  package init(text: String, file: String? = nil, registry: StepRegistry) throws(JobFileErrors) {
    self.file = file
    self.registry = registry
    guard case .object(let members) = try JobFile.parse(text, file: file) else {
      throw JobFileErrors(
        file: file, errors: [JobFileError(location: "", message: "expected an object with \"steps\"")])
    }
    self.members = members
    columnOrder = ColumnOrder(text)
  }

  /// Reads the variables of a `--vars` file: an object of names and plain values.
  package static func variables(text: String, file: String) throws(JobFileErrors) -> [String: JSONValue] {
    guard case .object(let members) = try parse(text, file: file) else {
      throw JobFileErrors(
        file: file, errors: [JobFileError(location: "", message: "expected an object of variables")])
    }
    return members
  }

  private static func parse(_ text: String, file: String?) throws(JobFileErrors) -> JSONValue {
    do {
      return try JSONText.parse(text)
    } catch {
      let location = "\(file.map { "\($0):" } ?? "line ")\(error.line):\(error.column)"
      throw JobFileErrors(file: nil, errors: [JobFileError(location: location, message: error.message)])
    }
  }

  /// Replaces variables, checks all values and creates the steps.
  /// - Parameters:
  ///   - base: Absolute folder that relative paths are resolved against.
  ///   - defaultName: Used if the job has no name.
  ///   - variablesFile: Variables from a `--vars` file; they replace those of the job file.
  ///   - settings: Variables from the command line; they replace all others, the last one of a name wins.
  ///   - conf: Engine settings from the command line; they replace those of the job file.
  /// - Throws: All mistakes found.
  package func resolve(
    base: String? = nil, defaultName: String = "job",
    variablesFile: (file: String, values: [String: JSONValue])? = nil,
    settings: [(name: String, value: String)] = [],
    conf: [(name: String, value: String)] = []
  ) throws(JobFileErrors) -> ResolvedJob {
    var errors: [JobFileError] = []
    for key in members.keys.sorted() where !JobFile.keys.contains(key) {
      errors.append(
        JobFileError(location: key, message: "unknown key" + Nearest.hint(key, among: JobFile.keys)))
    }
    var variables = Variables()
    if let definitions = members["variables"] {
      if case .object(let definitions) = definitions {
        for (name, value) in sorted(definitions) {
          variables.define(name, value, location: "variables.\(name)")
        }
      } else {
        errors.append(
          JobFileError(
            location: "variables", message: "expected an object, found \(FieldCheck.found(definitions))"))
      }
    }
    if let variablesFile {
      for (name, value) in sorted(variablesFile.values) {
        variables.define(name, value, location: "--vars \(variablesFile.file): \(name)")
      }
    }
    for (name, value) in settings {
      variables.define(name, .string(value), location: "--set \(name)", fromCommandLine: true)
    }

    if let schema = members["$schema"], schema.text == nil {
      errors.append(
        JobFileError(location: "$schema", message: "expected a string, found \(FieldCheck.found(schema))"))
    }
    var engine = SettingsDecoder(variables: variables)
    engine.read(members["conf"])
    for (name, value) in conf { engine.set(name, value, location: "--conf \(name)") }
    errors += engine.errors
    var decoder = StepDecoder(
      registry: registry, base: base, settings: engine.settings, variables: engine.variables)
    let name = decoder.name(members["name"], location: "name") ?? defaultName
    decoder.columnOrder = columnOrder
    decoder.tables = decoder.tables(members["tables"])
    let steps = decoder.steps(members["steps"])
    decoder.variables.finish()
    errors += decoder.variables.errors + decoder.errors
    if errors.isEmpty { errors = OutputCheck.mistakes(in: steps) }
    guard errors.isEmpty else { throw JobFileErrors(file: file, errors: errors) }
    return ResolvedJob(name: name, settings: engine.settings, steps: steps, tables: decoder.tables)
  }

  private func sorted(_ members: [String: JSONValue]) -> [(key: String, value: JSONValue)] {
    members.sorted { $0.key < $1.key }
  }
}
