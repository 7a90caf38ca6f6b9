import Engine
import Wire

/// A job: its options, and the pipeline made from them. One line makes it a program:
///
///     @main struct WordCount: Job { … }
///
/// The program is submitter, worker and driver in one; see ``JobProgram/main()``.
///
/// `pipeline()` is called on the driver and on every worker, with the same options, and must return the same pipeline each time. It
/// must not read files, clocks or the environment.
public protocol Job: JobProgram {
  func pipeline() throws -> Pipeline
}

/// A job with full control: it builds and runs stages with its own operators. ``Job`` is the simpler kind.
public protocol JobProgram: Sendable {
  /// Its name in job files and operators. Default: the type's name in kebab case, `word-count` for `WordCount`.
  static var name: String { get }
  /// One sentence.
  static var help: String { get }
  /// The operators that its stages use. Default for a ``Job``: what its pipeline needs.
  static var operators: [any Operator.Type] { get }

  /// Creates the job with unset options; the library sets them before it calls anything else.
  init()

  /// Runs the job, on a separate thread of the driver. May block.
  /// - Parameter force: Run even if the output is up to date.
  func run(_ session: any JobSession, force: Bool) throws -> JobReport
}

extension JobProgram {
  public static var name: String { JobOptions.commandName(typeName(self)) }
  public static var help: String { "" }
}

extension Job {
  public static var operators: [any Operator.Type] { [PipelineOperator<Self>.self] }

  public func run(_ session: any JobSession, force: Bool) throws -> JobReport {
    try PipelineRun(self).run(session, force: force)
  }
}

/// The outcome of a job.
public struct JobReport: Sendable {
  /// For people; any number of lines.
  public var text: String
  /// The output folder; empty if there is none.
  public var output: String
  /// Nothing ran, because the output is up to date.
  public var isSkipped: Bool
  /// Number of records in the output.
  public var rowsWritten: Int?

  public init(text: String = "", output: String = "", isSkipped: Bool = false, rowsWritten: Int? = nil) {
    self.text = text
    self.output = output
    self.isSkipped = isSkipped
    self.rowsWritten = rowsWritten
  }
}
