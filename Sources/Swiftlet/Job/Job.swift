import Engine
import Wire

/// A job of one's own: its options, and the pipeline that they make. One line makes it a program:
///
///     @main struct WordCount: Job { … }
///
/// The program is submitter, worker and driver in one; see ``JobProgram/main()``.
///
/// `pipeline()` is called on the driver and on every worker, with the same options, and must describe the same pipeline each
/// time: it reads no file, clock or environment.
public protocol Job: JobProgram {
  func pipeline() throws -> Pipeline
}

/// A job with full control: it runs stages of its own operators as it likes. ``Job`` is the easier kind.
public protocol JobProgram: Sendable {
  /// How job files and operators call it. Default: the type's name, `WordCount` as `word-count`.
  static var name: String { get }
  /// One sentence.
  static var help: String { get }
  /// All that its stages name. Default for a ``Job``: what its pipeline needs.
  static var operators: [any Operator.Type] { get }

  /// With its options unset; the library sets them before it calls anything else.
  init()

  /// Runs the job on a thread of its own on the driver, which may block.
  /// - Parameter force: Run, even where the output is complete already.
  func run(_ session: any JobSession, force: Bool) throws -> JobReport
}

extension JobProgram {
  public static var name: String { JobOptions.commandName("\(self)") }
  public static var help: String { "" }
}

extension Job {
  public static var operators: [any Operator.Type] { [PipelineOperator<Self>.self] }

  public func run(_ session: any JobSession, force: Bool) throws -> JobReport {
    try PipelineRun(self).run(session, force: force)
  }
}

/// What a job tells at its end.
public struct JobReport: Sendable {
  /// For a person, any number of lines.
  public var text: String
  /// The folder that was written; empty where there is none.
  public var output: String
  /// The output was complete already, so nothing ran.
  public var isSkipped: Bool
  /// Records in the output.
  public var rowsWritten: Int?

  public init(text: String = "", output: String = "", isSkipped: Bool = false, rowsWritten: Int? = nil) {
    self.text = text
    self.output = output
    self.isSkipped = isSkipped
    self.rowsWritten = rowsWritten
  }
}
