import Basics
import Engine

/// One step of a job: a driver program that plans stages and runs them through a `JobSession`.
package protocol Step: Sendable {
  /// The `type` in job files.
  static var type: String { get }
  /// One sentence for the schema and the reference.
  static var help: String { get }
  /// Every key besides `type` and `name`.
  static var fields: [Field] { get }

  /// Checks what a single field's kind cannot say (`startDate` ≤ `endDate`).
  init(_ values: FieldValues) throws(JobFileError)

  /// What `run` would do, found without doing it; reads listings and metadata only.
  func plan() throws -> StepPlan

  /// Does the work and commits the output. Blocking, on the job's own thread.
  /// - Throws: `JobFailure`, `StorageError` or `TaskFailure`.
  func run(_ session: any JobSession, force: Bool) throws -> StepReport
}

/// What `--explain` shows of a step.
package struct StepPlan: Sendable {
  package struct Stage: Sendable {
    package var name: String
    package var operatorName: String
    /// nil where it depends on data that is not there yet.
    package var tasks: Int?
    package var detail: String

    package init(name: String, operatorName: String, tasks: Int?, detail: String) {
      self.name = name
      self.operatorName = operatorName
      self.tasks = tasks
      self.detail = detail
    }
  }

  /// Label and value, in order: input objects, bytes, splits, columns, output …
  package var facts: [(label: String, value: String)]
  package var stages: [Stage]
  /// The output exists and is complete for the same input and parameters.
  package var isUpToDate: Bool

  package init(facts: [(label: String, value: String)], stages: [Stage], isUpToDate: Bool) {
    self.facts = facts
    self.stages = stages
    self.isUpToDate = isUpToDate
  }
}

/// What a finished step tells.
package struct StepReport: Sendable {
  package var output: String
  /// The output was there and complete, so nothing ran.
  package var skipped: Bool
  /// For `--json`, beside `type`, `name`, `seconds` and `output`: `recordsRead`, `sizes` …
  package var values: [String: JSONValue]
  /// For a person, several lines: the table of segments.
  package var text: String

  package init(output: String, skipped: Bool, values: [String: JSONValue], text: String) {
    self.output = output
    self.skipped = skipped
    self.values = values
    self.text = text
  }
}
