/// The types of step that a job file may name.
package struct StepRegistry: Sendable {
  /// In the order of their names.
  package let types: [any Step.Type]

  package init(_ types: [any Step.Type]) { self.types = types.sorted { $0.type < $1.type } }

  package subscript(name: String) -> (any Step.Type)? { types.first { $0.type == name } }

  package var names: [String] { types.map { $0.type } }
}
