/// A violated invariant.
package struct Finding: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}

func require(_ condition: Bool, _ rule: @autoclosure () -> String) throws {
  if !condition { throw Finding(rule()) }
}

/// Returns the result of `body`, or nil after an error of the type that invalid bytes may cause. Rethrows other errors.
func unless<R, Refusal: Error>(_ refusal: Refusal.Type, _ body: () throws -> R) throws -> R? {
  do {
    return try body()
  } catch is Refusal {
    return nil
  }
}
