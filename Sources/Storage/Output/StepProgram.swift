/// The code that computes an output, as far as the output depends on it. It is part of the fingerprint, so an upgrade that changes what a
/// step writes runs the step again.
package struct StepProgram: Hashable, Sendable, CustomStringConvertible {
  /// `2: user_id string, events int64`.
  package let description: String

  /// - Parameters:
  ///   - version: Raised by hand when the step computes something else from the same input.
  ///   - columns: Name and type of every column of the output, in order.
  package init(version: Int, columns: [String] = []) {
    description = (["\(version)"] + (columns.isEmpty ? [] : [columns.joined(separator: ", ")])).joined(
      separator: ": ")
  }

  /// A program that changes with every build.
  package init(build: String) { description = "build \(build)" }
}
