// The kinds of step that a program knows.
import Engine

/// The step types that a job file may name, with everything that is derived from them.
package struct StepRegistry: Sendable {
  /// Sorted by name.
  package let types: [any Step.Type]

  package init(_ types: [any Step.Type]) { self.types = types.sorted { $0.type < $1.type } }

  package subscript(name: String) -> (any Step.Type)? { types.first { $0.type == name } }

  package var names: [String] { types.map { $0.type } }

  /// The operators that workers need to run these steps.
  package var operators: OperatorRegistry { OperatorRegistry(types.flatMap { $0.operators }) }
}
