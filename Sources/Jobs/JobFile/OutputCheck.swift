/// Refuses jobs whose steps would overwrite each other's output or their own input, by the roles of their fields.
enum OutputCheck {
  /// A path as the job file names it, and the same with symbolic links resolved. Both are compared, or a link could hide that
  /// an output replaces its own input.
  private struct Location {
    let name: String
    let real: String

    init(_ name: String) {
      self.name = name
      real = JobURI.real(name)
    }

    func contains(_ other: Location) -> Bool {
      JobURI.contains(name, other.name) || JobURI.contains(real, other.real)
    }
  }

  static func mistakes(in steps: [ResolvedStep]) -> [JobFileError] {
    var mistakes: [JobFileError] = []
    var outputs: [(location: Location, step: String)] = []
    for step in steps {
      guard let field = step.fields.first(where: { $0.role == .output })?.name,
        let output = step.values.optionalString(field).map(Location.init)
      else { continue }
      func note(_ message: String) {
        mistakes.append(step.values.error(field, "'\(output.name)' \(message)"))
      }
      for name in step.fields.filter({ $0.role == .input }).map(\.name) {
        guard let input = step.values.optionalString(name).map(Location.init) else { continue }
        if input.contains(output) {
          note("lies inside the step's \(name) '\(input.name)'; the next run would read it as input")
        } else if output.contains(input) {
          note("contains the step's \(name) '\(input.name)', which would be replaced")
        }
      }
      for (other, owner) in outputs where output.contains(other) || other.contains(output) {
        note("and \(owner) '\(other.name)' are the same folder, or one contains the other")
      }
      outputs.append((output, "\(step.values.place).\(field)"))
    }
    return mistakes
  }
}
