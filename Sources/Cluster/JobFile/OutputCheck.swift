import Engine

/// Refuses jobs whose steps would write over each other or over what they read. By convention a step reads the
/// field `input` and replaces the folder in the field `output`.
enum OutputCheck {
  static func mistakes(in steps: [ResolvedStep]) -> [JobFileError] {
    var mistakes: [JobFileError] = []
    for (index, step) in steps.enumerated() {
      guard let output = step.values.optionalString("output") else { continue }
      if let input = step.values.optionalString("input") {
        if JobURI.contains(input, output) || JobURI.contains(output, input) {
          let how =
            JobURI.contains(input, output)
            ? "lies inside the step's input '\(input)', and would be read as input by the next run"
            : "holds the step's input '\(input)', which would be replaced"
          mistakes.append(step.values.error("output", "'\(output)' \(how)"))
        }
      }
      for earlier in steps[..<index] {
        guard let other = earlier.values.optionalString("output") else { continue }
        if JobURI.contains(output, other) || JobURI.contains(other, output) {
          mistakes.append(
            step.values.error(
              "output",
              "'\(output)' and \(earlier.values.place).output '\(other)' lie inside each other or are the same"
            ))
        }
      }
    }
    return mistakes
  }
}
