import Basics
import Wire

/// A step with every value checked, every variable replaced, every default filled in.
package struct ResolvedStep: Sendable {
  package let type: String
  /// What people call it: the `name` in the file, else the type.
  package let name: String
  package let values: FieldValues
  package let step: any Step
}

/// A job that can run. As JSON text it is a job file of its own, without variables and with absolute URIs, and decodes
/// through the same code: that is how it travels to a driver.
package struct ResolvedJob: Sendable {
  package let name: String
  package let settings: Settings
  package let steps: [ResolvedStep]

  /// Decodes what `json` wrote; a relative path is a mistake here, as nobody knows relative to what.
  package init(json: String, registry: StepRegistry) throws(JobFileErrors) {
    self = try JobFile(text: json, registry: registry).resolve()
  }

  init(name: String, settings: Settings, steps: [ResolvedStep]) {
    self.name = name
    self.settings = settings
    self.steps = steps
  }

  /// With the secrets among the settings: for a driver, never for people.
  package var json: String { json(settings.values) }

  /// The same job file for people and logs, secrets replaced.
  package var shownJSON: String { json(settings.shown) }

  private func json(_ settings: [String: String]) -> String {
    let steps = steps.map { step in
      var members = step.values.values.mapValues(Variables.escaped)
      members["type"] = .string(step.type)
      members["name"] = Variables.escaped(.string(step.name))
      return JSONValue.object(members)
    }
    var members: [String: JSONValue] = ["name": Variables.escaped(.string(name)), "steps": .array(steps)]
    if !settings.isEmpty { members["conf"] = .object(settings.mapValues { Variables.escaped(.string($0)) }) }
    return JSONText.compact(.object(members))
  }
}

/// Every mistake of a job file, in the order of the file's parts.
package struct JobFileErrors: Error, Hashable, Sendable, CustomStringConvertible {
  /// How the user named the file; nil where there is none.
  package let file: String?
  package let errors: [JobFileError]

  package init(file: String?, errors: [JobFileError]) {
    self.file = file
    self.errors = errors
  }

  /// A line a mistake, `job.json: steps[1].clusters: expected …`.
  package var description: String {
    let shown = errors.prefix(50).map { error in file.map { "\($0): \(error)" } ?? "\(error)" }
    let more = errors.count > shown.count ? ["and \(errors.count - shown.count) more mistakes"] : []
    return (shown + more).joined(separator: "\n")
  }
}
