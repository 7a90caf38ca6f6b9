/// A rule that some bytes broke.
package struct Finding: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}

func require(_ condition: Bool, _ rule: @autoclosure () -> String) throws {
  if !condition { throw Finding(rule()) }
}

/// What `body` makes of bytes that may be refused; nil after an error of the kind that it may throw. Any other goes on.
func unless<R, Refusal: Error>(_ refusal: Refusal.Type, _ body: () throws -> R) throws -> R? {
  do {
    return try body()
  } catch is Refusal {
    return nil
  }
}
