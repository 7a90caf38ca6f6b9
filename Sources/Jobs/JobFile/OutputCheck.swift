import Storage

/// Refuses jobs whose steps would write over each other or over their input. By convention a step reads the field `input` and replaces the
/// folder in the field `output`.
enum OutputCheck {
  static func mistakes(in steps: [ResolvedStep]) -> [JobFileError] {
    var mistakes: [JobFileError] = []
    var outputs: [(folder: String, step: String)] = []
    for step in steps {
      guard let output = step.values.optionalString("output") else { continue }
      func mistake(_ message: String) {
        mistakes.append(step.values.error("output", "'\(output)' \(message)"))
      }
      do {
        if let input = step.values.optionalString("input"), !TopicURI.names(input),
          let conflict = try OutputRule.conflict(output: output, input: input)
        {
          mistake(conflict)
        }
        for (other, place) in outputs where try OutputRule.overlap(output, other) {
          mistake("and \(place).output '\(other)' are the same folder, or one contains the other")
        }
        outputs.append((output, step.values.place))
      } catch {
        mistakes.append(step.values.error("output", error.description))
      }
    }
    return mistakes
  }
}
