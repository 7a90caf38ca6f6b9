import Basics
import Wire

/// A step with all values checked, variables replaced and defaults filled in.
package struct ResolvedStep: Sendable {
  package let type: String
  /// The `name` in the file, else the type.
  package let name: String
  package let values: FieldValues
  package let step: any Step

  package var fields: [Field] { Swift.type(of: step).fields }

  /// The folder that the step writes; nil if it has none.
  package var output: String? {
    fields.first { $0.role == .output }.flatMap { values.optionalString($0.name) }
  }
}

/// A job that can run. Its JSON text is a job file without variables and with absolute URIs. It is sent to a driver, which
/// decodes it with the same code.
package struct ResolvedJob: Sendable {
  package let name: String
  package let settings: Settings
  package let steps: [ResolvedStep]
  package let tables: [TableDefinition]

  /// Decodes what `json` wrote. A relative path is a mistake here: there is no working directory to resolve it against.
  package init(json: String, registry: StepRegistry) throws(JobFileErrors) {
    self = try JobFile(text: json, registry: registry).resolve()
  }

  init(name: String, settings: Settings, steps: [ResolvedStep], tables: [TableDefinition] = []) {
    self.tables = tables
    self.name = name
    self.settings = settings
    self.steps = steps
  }

  /// Includes secret settings: for a driver, never for people.
  package var json: String {
    let steps = steps.map { step in
      var members = step.values.values.mapValues(Variables.escaped)
      members["type"] = .string(step.type)
      members["name"] = Variables.escaped(.string(step.name))
      return JSONValue.object(members)
    }
    var members: [String: JSONValue] = ["name": Variables.escaped(.string(name)), "steps": .array(steps)]
    if !tables.isEmpty {
      members["tables"] = .object(
        Dictionary(tables.map { ($0.name, Variables.escaped(.object($0.values.values))) }) { first, _ in first
        })
    }
    if !settings.values.isEmpty {
      members["conf"] = .object(settings.values.mapValues { Variables.escaped(.string($0)) })
    }
    return JSONText.compact(.object(members))
  }
}

/// Every mistake of a job file, in the order of the file's parts.
package struct JobFileErrors: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file as the user named it; nil if there is none.
  package let file: String?
  package let errors: [JobFileError]

  package init(file: String?, errors: [JobFileError]) {
    self.file = file
    self.errors = errors
  }

  /// One line per mistake, `job.json: steps[1].clusters: expected …`.
  package var description: String {
    let shown = errors.prefix(50).map { error in file.map { "\($0): \(error)" } ?? "\(error)" }
    let more = errors.count > shown.count ? ["and \(errors.count - shown.count) more mistakes"] : []
    return (shown + more).joined(separator: "\n")
  }
}
