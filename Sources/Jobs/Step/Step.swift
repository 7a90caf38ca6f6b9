// The protocol of a kind of step: its fields in job files, its plan, its run.
import Basics
import Engine

/// One kind of step: a driver program that plans stages and runs them through a `JobSession`.
package protocol Step: Sendable {
  /// The `type` in job files.
  static var type: String { get }
  /// One sentence for the schema and the reference.
  static var help: String { get }
  /// Every key besides `type` and `name`.
  static var fields: [Field] { get }
  /// The operators that its stages run on workers.
  static var operators: [any Operator.Type] { get }
  /// How it runs on Apache Spark, or why it cannot.
  static var spark: SparkSupport { get }

  /// Checks what a single field's kind cannot express (`startDate` ≤ `endDate`). Kinds and ranges were checked before.
  init(_ values: FieldValues) throws(JobFileError)

  /// The stages of a run, in order. `plan` shows these and `run` starts these.
  var stages: [StageOutline] { get }

  /// What `run` would do, found from listings and metadata only.
  /// - Throws: `StorageError.notFound` if the input does not exist.
  func plan() throws -> StepPlan

  /// Does the work and commits the output. Blocks the job's own thread.
  /// - Throws: `JobFailure`, `StorageError` or `TaskFailure`.
  func run(_ session: any JobSession, force: Bool) throws -> StepReport
}

extension Step {
  package static var operators: [any Operator.Type] { [] }
  package static var spark: SparkSupport { .unsupported("it has no Spark program") }
  package var stages: [StageOutline] { [] }
}

/// How a kind of step runs on Apache Spark.
package enum SparkSupport: Sendable {
  /// Python source that ends with `STEPS["<type>"] = …`, a function of the Spark session and the step's fields.
  case program(String)
  /// The reason why it does not run there.
  case unsupported(String)
}

/// What a finished step reports.
package struct StepReport: Sendable {
  package var output: String
  /// The output was up to date, so nothing ran.
  package var skipped: Bool
  /// For `--json`, beside `type`, `name`, `seconds` and `output`: `recordsRead`, `sizes` …
  package var values: [String: JSONValue]
  /// For people, may have several lines: the table of segments.
  package var text: String
  /// The rows of a query without an output, for the client alone.
  package var rows: [UInt8] = []

  package init(output: String, skipped: Bool, values: [String: JSONValue], text: String) {
    self.output = output
    self.skipped = skipped
    self.values = values
    self.text = text
  }
}
