/// Refuses jobs whose steps would write over each other or over what they read. By convention a step reads the
/// field `input` and replaces the folder in the field `output`.
enum OutputCheck {
  /// A place as the job file names it, and where symbolic links lead from there: both count, or a link would hide that an output
  /// replaces its own input.
  private struct Place {
    let name: String
    let real: String

    init(_ name: String) {
      self.name = name
      real = JobURI.real(name)
    }

    func contains(_ other: Place) -> Bool {
      JobURI.contains(name, other.name) || JobURI.contains(real, other.real)
    }
  }

  static func mistakes(in steps: [ResolvedStep]) -> [JobFileError] {
    var mistakes: [JobFileError] = []
    var outputs: [(place: Place, step: String)] = []
    for step in steps {
      guard let output = step.values.optionalString("output").map(Place.init) else { continue }
      if let input = step.values.optionalString("input").map(Place.init) {
        if input.contains(output) {
          let how = "lies inside the step's input '\(input.name)', and would be read as input by the next run"
          mistakes.append(step.values.error("output", "'\(output.name)' \(how)"))
        } else if output.contains(input) {
          let how = "holds the step's input '\(input.name)', which would be replaced"
          mistakes.append(step.values.error("output", "'\(output.name)' \(how)"))
        }
      }
      for (other, place) in outputs where output.contains(other) || other.contains(output) {
        mistakes.append(
          step.values.error(
            "output",
            "'\(output.name)' and \(place).output '\(other.name)' lie inside each other or are the same"))
      }
      outputs.append((output, step.values.place))
    }
    return mistakes
  }
}
