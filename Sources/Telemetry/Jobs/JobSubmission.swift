import Basics

/// A client's request to run a job.
package struct JobSubmission: Hashable, Sendable {
  package var name: String
  /// A ``ResolvedJob`` as JSON text.
  package var text: String
  /// Run steps even if their output is up to date.
  package var force: Bool
  /// The job runs on without its client.
  package var isDetached: Bool

  package init(name: String, text: String, force: Bool, isDetached: Bool) {
    self.name = name
    self.text = text
    self.force = force
    self.isDetached = isDetached
  }

  /// Equal for equal content; recognizes a repeated submission under the same id.
  package var digest: String {
    String(XXH3.hash(text, seed: force ? 1 : 0), radix: 16)
  }

  /// The types and names of its steps, as far as they can be read. Mistakes are reported when the job runs.
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
