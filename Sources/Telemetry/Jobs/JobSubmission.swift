import Basics

/// What a client asks a driver for.
package struct JobSubmission: Hashable, Sendable {
  package var name: String
  /// A ``ResolvedJob`` as JSON text.
  package var text: String
  /// Run steps whose output is complete already.
  package var force: Bool
  /// The job goes on without its client.
  package var isDetached: Bool

  package init(name: String, text: String, force: Bool, isDetached: Bool) {
    self.name = name
    self.text = text
    self.force = force
    self.isDetached = isDetached
  }

  /// Equal for submissions of the same content: one that comes again under its id is known by it.
  package var digest: String {
    String(XXH3.hash(text, seed: force ? 1 : 0), radix: 16)
  }

  /// The types and names of its steps, as far as they can be read; what is wrong with them is told when the job runs.
  package var outline: [(type: String, name: String)] {
    guard case .object(let job)? = try? JSONText.parse(text), case .array(let steps)? = job["steps"] else {
      return []
    }
    return steps.map { step in
      guard case .object(let members) = step else { return ("", "") }
      let type = members["type"]?.text ?? ""
      return (type, members["name"]?.text ?? type)
    }
  }
}
