import Basics
import Engine
import Jobs
import Wire

/// A job as a step of a job file. Submitted jobs are also sent in this form.
package struct JobStep<P: JobProgram>: Step {
  package static var type: String { P.name }
  package static var help: String { P.help.isEmpty ? "Runs \(typeName(P.self))." : P.help }

  /// Added to the options of every job with a pipeline.
  private static var partitionsField: Field {
    Field(
      "partitions", .integer(min: 1, max: 4096), optional: true,
      help: "Partitions of every shuffle. Default: one for each 64 MiB of input.")
  }

  package static var fields: [Field] {
    let own = JobOptions(P()).fields
    let isOwn = own.contains { $0.name == "partitions" }
    return P.self is any Job.Type && !isOwn ? own + [partitionsField] : own
  }

  package static var operators: [any Operator.Type] { P.operators }

  private let program: P
  private let partitions: Int?
  private let settings: Settings

  package init(_ values: FieldValues) throws(JobFileError) {
    program = P()
    settings = values.settings
    try JobOptions(program).set(values)
    partitions = values.optionalInteger("partitions")
  }

  package func plan() throws -> StepPlan {
    guard let job = program as? any Job else { return StepPlan(facts: [], stages: [], isUpToDate: false) }
    return try explain(job)
  }

  private func explain(_ job: some Job) throws -> StepPlan {
    try PipelinePlan(job, partitions: partitions, settings: settings).explanation
  }

  package func run(_ session: any JobSession, force: Bool) throws -> StepReport {
    let report = try run(program, session, force)
    var values: [String: JSONValue] = [:]
    if let rows = report.rowsWritten { values["rowsWritten"] = .integer(Int64(rows)) }
    return StepReport(output: report.output, skipped: report.isSkipped, values: values, text: report.text)
  }

  private func run(_ program: P, _ session: any JobSession, _ force: Bool) throws -> JobReport {
    // Without partitions or settings, the job runs itself.
    guard let job = program as? any Job, partitions != nil || !settings.isEmpty else {
      return try program.run(session, force: force)
    }
    return try run(job, session, force)
  }

  private func run(_ job: some Job, _ session: any JobSession, _ force: Bool) throws -> JobReport {
    try PipelineRun(job: job, partitions: partitions, settings: settings).run(session, force: force)
  }
}
