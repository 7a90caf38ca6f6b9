import Engine
import Wire

/// A job: its options, and the pipeline built from them. One line makes it a program:
///
///     @main struct WordCount: Job { … }
///
/// The program is submitter, worker and driver in one; see ``JobProgram/main()``.
///
/// `pipeline()` is called on the driver and on every worker, with the same options, and must return the same pipeline each
/// time. It must not read files, clocks or the environment.
public protocol Job: JobProgram {
  func pipeline() throws -> Pipeline
}

/// A job with full control: it builds and runs stages with its own operators. ``Job`` is simpler to use.
public protocol JobProgram: Sendable {
  /// The job's name in job files and operators. Default: the type's name in kebab case, such as `word-count` for `WordCount`.
  static var name: String { get }
  /// A one-sentence description.
  static var help: String { get }
  /// The operators used by the job's stages. Default for a ``Job``: those that its pipeline needs.
  static var operators: [any Operator.Type] { get }

  /// Creates the job with unset options; the library sets them before it calls anything else.
  init()

  /// Runs the job on a separate thread of the driver. May block.
  /// - Parameter force: Whether to run even if the output is up to date.
  func run(_ session: any JobSession, force: Bool) throws -> JobReport
}

extension JobProgram {
  public static var name: String { JobOptions.commandName(typeName(self)) }
  public static var help: String { "" }
}

extension Job {
  public static var operators: [any Operator.Type] { [PipelineOperator<Self>.self] }

  public func run(_ session: any JobSession, force: Bool) throws -> JobReport {
    try PipelineRun(job: self).run(session, force: force)
  }
}

/// The outcome of a job.
public struct JobReport: Sendable {
  /// A text for the user; may have several lines.
  public var text: String
  /// The output folder; empty if there is none.
  public var output: String
  /// Whether nothing ran because the output was already up to date.
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
