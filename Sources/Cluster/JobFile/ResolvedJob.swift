import Engine

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
  package let steps: [ResolvedStep]

  /// Decodes what `json` wrote; a relative path is a mistake here, as nobody knows relative to what.
  package init(json: String, registry: StepRegistry) throws(JobFileErrors) {
    self = try JobFile(text: json, registry: registry).resolve()
  }

  init(name: String, steps: [ResolvedStep]) {
    self.name = name
    self.steps = steps
  }

  package var json: String {
    let steps = steps.map { step in
      var members = step.values.values.mapValues(Variables.escaped)
      members["type"] = .string(step.type)
      members["name"] = Variables.escaped(.string(step.name))
      return JSONValue.object(members)
    }
    return JSONText.compact(.object(["name": Variables.escaped(.string(name)), "steps": .array(steps)]))
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
