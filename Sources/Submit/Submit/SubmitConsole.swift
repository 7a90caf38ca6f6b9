import Basics
import Foundation

/// The streams of a command and what they can show.
package struct SubmitConsole: Sendable {
  package let output: @Sendable (String) -> Void
  package let error: @Sendable (String) -> Void
  package let outputStyle: TextStyle
  /// nil where stderr is no terminal; asked again before each drawing, as windows change.
  package let errorStyle: @Sendable () -> TextStyle?

  package init(
    output: @escaping @Sendable (String) -> Void, error: @escaping @Sendable (String) -> Void,
    outputStyle: TextStyle, errorStyle: @escaping @Sendable () -> TextStyle?
  ) {
    self.output = output
    self.error = error
    self.outputStyle = outputStyle
    self.errorStyle = errorStyle
  }

  /// The streams of this process.
  package static func standard() -> SubmitConsole {
    let environment = ProcessInfo.processInfo.environment
    // Text that goes to a file or pipe has no colours; names are cut nowhere.
    let plain = TextStyle(width: 100, color: false)
    return SubmitConsole(
      output: StandardOutput.write,
      error: StandardError.write,
      outputStyle: LiveDisplay.style(of: STDOUT_FILENO, environment: environment) ?? plain,
      errorStyle: { LiveDisplay.style(of: STDERR_FILENO, environment: environment) })
  }
}
