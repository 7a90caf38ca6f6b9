// What a kind of step gets for one line in a registry, and the rule for missing inputs.
import Basics
import CommandLine
import Engine
import Foundation
import Jobs
import SparkProgram
import Submit
import TestSupport
import Testing
import Wire

/// All that a new kind of step needs: this type. The registry below names it once.
private struct EchoStep: Step {
  static let type = "echo"
  static let help = "Copies a file."
  static let fields = [
    Field.input("input", help: "The file."), Field.output("output", help: "The folder."),
    Field("times", .integer(min: 1, max: 9), default: .integer(2), help: "How often."),
  ]
  static let operators: [any Operator.Type] = [ToyMap.self]

  let times: Int

  init(_ values: FieldValues) throws(JobFileError) { times = try values.integer("times") }

  var stages: [StageOutline] { [StageOutline("copy", ToyMap.self, "a copy per task")] }

  func plan() throws -> StepPlan {
    StepPlan(facts: [], stages: stages.map { StepPlan.Stage($0, tasks: times) }, isUpToDate: false)
  }

  func run(_ session: any JobSession, force: Bool) throws -> StepReport {
    StepReport(output: "", skipped: false, values: [:], text: "")
  }
}

@Suite struct StepRegistryTests {
  private let registry = StepRegistry([EchoStep.self])

  @Test func oneLineGivesSchemaDecoderExplainAndOperators() throws {
    let schema = try JSONText.parse(JobSchema.text(registry))
    let times = schema["$defs"]?["echo"]?["properties"]?["times"]
    #expect(times?["description"] == "How often." && times?["default"] == 2)
    let job = try job(#"{"type": "echo", "input": "/i", "output": "/o", "times": 3}"#)
    let text = JobExplanation(job: job, master: .local(workers: 1)).text(TextStyle())
    #expect(text.contains("1. copy  3 tasks  toy.map  a copy per task"))
    #expect(throws: JobFileErrors.self) {
      try self.job(#"{"type": "echo", "input": "/i", "output": "/o", "times": 10}"#)
    }
    _ = try registry.operators.make("toy.map", parameters: [])
  }

  @Test func aStepWithoutSparkProgramIsRefusedByName() throws {
    let job = try job(#"{"type": "echo", "input": "/i", "output": "/o"}"#)
    #expect(throws: UsageError("--master: steps[0] (echo) does not run on Spark: it has no Spark program")) {
      try SparkJob(job)
    }
  }

  @Test(arguments: StepRegistry.standard.names)
  func standardStepsDeclareRolesOperatorsAndStages(name: String) throws {
    let type = try #require(StepRegistry.standard[name])
    #expect(type.fields.count { $0.role == .output } == 1)
    // A query names its inputs in SQL.
    #expect(type.fields.contains { $0.role == .input } || name == "query")
    #expect(!type.operators.isEmpty)
  }

  private func job(_ step: String) throws -> ResolvedJob {
    try JobFile(text: "{\"steps\": [\(step)]}", registry: registry).resolve(base: "/work")
  }
}

@Suite struct MissingInputTests {
  private static let features =
    #"{"type": "features", "input": "in", "output": "table", "startDate": "2025-04-01", "endDate": "2025-04-02"}"#

  private let temporary: TemporaryFolder
  private var folder: String { temporary.path }

  init() throws {
    temporary = try TemporaryFolder()
    try temporary.write("in/a.jsonl", "")
  }

  private func job(_ steps: String) throws -> ResolvedJob {
    try JobFile(text: "{\"steps\": [\(steps)]}", registry: .standard).resolve(base: folder)
  }

  @Test(arguments: [
    #"{"type": "segment", "name": "s", "input": "nowhere", "output": "out", "clusters": 2}"#,
    #"{"type": "features", "name": "s", "input": "nowhere", "output": "out", "startDate": "2025-04-01", "endDate": "2025-04-02"}"#,
  ])
  func nobodyWritesIt(step: String) throws {
    let job = try job("\(Self.features), \(step)")
    let explanation = JobExplanation(job: job, master: .local(workers: 1))
    #expect(explanation.exitCode == ExitCode.usage)
    let errors = explanation.errors(of: "swift-submit", file: "job.json")
    #expect(
      errors.hasPrefix("job.json: steps[1].input: '\(folder)/nowhere' (step 's, \(job.steps[1].type)')"))
    #expect(errors.hasSuffix("no earlier step of the job writes it\n"))
    #expect(!explanation.text(TextStyle(width: 200)).contains("nowhere"))
    // The output of a later step does not help.
    let swapped = try self.job(
      #"{"type": "segment", "input": "table", "output": "out", "clusters": 2}, \#(Self.features)"#)
    #expect(JobExplanation(job: swapped, master: .local(workers: 1)).exitCode == ExitCode.usage)
  }

  @Test func anEarlierStepWritesIt() throws {
    let job = try job(
      #"\#(Self.features), {"type": "segment", "input": "table", "output": "out", "clusters": 2}"#)
    let explanation = JobExplanation(job: job, master: .local(workers: 1))
    #expect(explanation.exitCode == ExitCode.done)
    let text = explanation.text(TextStyle(width: 200))
    #expect(text.contains("does not exist yet; step 1 (features) writes it"))
    #expect(text.contains("tasks depend on the data") && text.contains("find far points"))
  }

  @Test func runFails() throws {
    let job = try job(
      #"{"type": "segment", "input": "nowhere", "output": "out", "clusters": 2}"#)
    let handle = try LocalClient.threads(1).submit(job.json, name: "j", force: false) { _ in }
    guard case .failed(let message) = handle.wait() else {
      Issue.record("the job did not fail")
      return
    }
    #expect(message.contains("steps[0].input: '\(folder)/nowhere' (step 'segment')"))
    #expect(message.contains("no earlier step of the job writes it"))
  }
}
