import Basics
import Glibc

/// One long option of a command.
package struct CommandOption: Sendable {
  /// Without the dashes.
  package let name: String
  /// Placeholder for the value in the help; nil for a flag.
  package let value: String?
  package let repeats: Bool
  /// Used if the option is absent.
  package let defaultValue: String?
  package let help: String

  private init(_ name: String, value: String?, repeats: Bool, defaultValue: String?, help: String) {
    self.name = name
    self.value = value
    self.repeats = repeats
    self.defaultValue = defaultValue
    self.help = help
  }

  /// `--json`
  package static func flag(_ name: String, help: String) -> CommandOption {
    CommandOption(name, value: nil, repeats: false, defaultValue: nil, help: help)
  }

  /// `--master URL`; if repeated, the last one counts.
  package static func option(
    _ name: String, _ value: String, default defaultValue: String? = nil, help: String
  ) -> CommandOption {
    CommandOption(name, value: value, repeats: false, defaultValue: defaultValue, help: help)
  }

  /// `--set NAME=VALUE --set NAME=VALUE`
  package static func list(_ name: String, _ value: String, help: String) -> CommandOption {
    CommandOption(name, value: value, repeats: true, defaultValue: nil, help: help)
  }
}

/// What a command accepts. Parsing, `--help` and error messages follow from this. Every command has `--help` and
/// `--version`, which are not declared.
package struct Command: Sendable {
  package let name: String
  /// One sentence.
  package let summary: String
  package let options: [CommandOption]
  /// Name of the positional argument, `job.json`; nil if there is none.
  package let positional: String?
  package let example: String

  package init(
    _ name: String, summary: String, positional: String? = nil, options: [CommandOption], example: String
  ) {
    self.name = name
    self.summary = summary
    self.positional = positional
    self.options = options
    self.example = example
  }

  /// The same command as part of another program: `WordCount worker`.
  package func named(_ other: String) -> Command {
    Command(
      other, summary: summary, positional: positional, options: options,
      example: example.split(separator: name, omittingEmptySubsequences: false).joined(separator: other))
  }
}

/// A wrong command line; exit code 2.
package struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// The exit codes of every command.
package enum ExitCode {
  package static let done: Int32 = 0
  package static let failed: Int32 = 1
  package static let usage: Int32 = 2
  package static let interrupted: Int32 = 130

  /// Exits while threads still run, without running destructors of libraries that they may be using. Exits with a failure if
  /// output was lost.
  package static func leave(with code: Int32) -> Never {
    fflush(nil)
    _exit(code == done && StandardOutput.isLost ? failed : code)
  }
}
