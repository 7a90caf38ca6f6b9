/// The rules for what may be an output folder. Every step and every job file is checked by these.
package enum OutputRule {
  /// Why a step cannot read `input` and write `output`, as the end of a sentence about the output; nil where it can.
  package static func conflict(
    output: String, input: String, named name: String = "input"
  ) throws(StorageError) -> String? {
    let output = try Folder(output)
    let input = try Folder(input)
    if input.contains(output) {
      return "is inside the step's \(name) '\(input.name)'; the next run would read it as input"
    }
    if output.contains(input) {
      return "contains the step's \(name) '\(input.name)', which would be replaced"
    }
    return nil
  }

  /// Whether two outputs would replace parts of each other.
  package static func overlap(_ a: String, _ b: String) throws(StorageError) -> Bool {
    let (a, b) = (try Folder(a), try Folder(b))
    return a.contains(b) || b.contains(a)
  }

  /// Whether a folder or prefix is, or contains, what the other URI names. Symbolic links are not resolved.
  package static func contains(_ outer: String, _ inner: String) -> Bool { Folder.contains(outer, inner) }

  static func foreignFile(_ name: String, in output: String) -> StorageError {
    .invalid(
      location: output,
      message: "contains '\(name)', which no complete run wrote and a new output would remove or mix with; "
        + "move or delete it, or choose another output folder")
  }

  /// A folder by its name and by where symbolic links lead: both count, or a link would hide that an output replaces its own input.
  private struct Folder {
    let name: String
    private let real: String

    init(_ text: String) throws(StorageError) {
      let uri = try ObjectURI(text).resolved()
      name = uri.description
      real = uri.bucket.isEmpty ? LocalFolder.real(uri.path) : name
    }

    func contains(_ other: Folder) -> Bool {
      Folder.contains(name, other.name) || Folder.contains(real, other.real)
    }

    fileprivate static func contains(_ outer: String, _ inner: String) -> Bool {
      ObjectName.relative(inner.hasSuffix("/") ? inner : inner + "/", to: outer) != nil
    }
  }
}
