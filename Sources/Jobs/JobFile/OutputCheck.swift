import Storage

/// Refuses jobs whose steps would overwrite each other's output or their own input, by the roles of their fields.
enum OutputCheck {
  static func mistakes(in steps: [ResolvedStep]) -> [JobFileError] {
    var mistakes: [JobFileError] = []
    var outputs: [(folder: String, owner: String)] = []
    for step in steps {
      guard let field = step.fields.first(where: { $0.role == .output })?.name,
        let output = step.values.optionalString(field)
      else { continue }
      func note(_ message: String) {
        mistakes.append(step.values.error(field, "'\(output)' \(message)"))
      }
      do {
        for name in step.fields.filter({ $0.role == .input }).map(\.name) {
          guard let input = step.values.optionalString(name), !TopicURI.names(input) else { continue }
          if let conflict = try OutputRule.conflict(output: output, input: input, named: name) {
            note(conflict)
          }
        }
        for (other, owner) in outputs where try OutputRule.overlap(output, other) {
          note("and \(owner) '\(other)' are the same folder, or one contains the other")
        }
        outputs.append((output, "\(step.values.location).\(field)"))
      } catch {
        mistakes.append(step.values.error(field, error.description))
      }
    }
    return mistakes
  }
}
