// Steps that do nothing, with a field of every kind: for tests of job files and of swift-submit.
import Engine
import Jobs

/// Reads lines, writes counts: a step with a field of every kind.
package struct CountStep: Step {
  package static let type = "count"
  package static let help = "Counts things."
  package static let fields = [
    .input("input", help: "Where to read."), .output("output", help: "Where to write."),
    Field("startDate", .date, help: "The first day."),
    Field("endDate", .date, optional: true, help: "The last day."),
    Field("maxShare", .number(min: 0, max: 1), default: .number(0.05), help: "A share."),
    Field("strict", .bool, default: .bool(false), help: "A flag."),
  ]
  let values: FieldValues

  package init(_ values: FieldValues) throws(JobFileError) {
    self.values = values
    if let end = values.optionalString("endDate"), try values.string("startDate") > end {
      throw values.error("endDate", "is before startDate")
    }
  }

  package func plan() throws -> StepPlan {
    StepPlan(
      facts: [("input", "3 objects, 1.2 GB"), ("output", try values.string("output"))],
      stages: [
        .init(
          StageOutline(name: "read", operatorName: "count.map", detail: "12 splits of up to 64 MB"), tasks: 12
        ),
        .init(StageOutline(name: "merge", operatorName: "count.reduce", detail: ""), tasks: nil),
      ], isUpToDate: false)
  }

  package func run(_ session: any JobSession, force: Bool) throws -> StepReport {
    StepReport(output: try values.string("output"), skipped: false, values: [:], text: "")
  }
}

package struct GroupStep: Step {
  package static let type = "group"
  package static let help = "Groups things."
  package static let fields = [
    .input("input", help: "Where to read."), .output("output", help: "Where to write."),
    Field("clusters", .either(.integer(min: 1, max: 10_000), .choice(["auto"])), help: "How many groups."),
    Field("columns", .strings, optional: true, help: "Which columns."),
    Field("seed", .integer(min: nil, max: nil), default: .integer(42), help: "A seed."),
    Field("mode", .choice(["fast", "exact"]), default: .string("exact"), help: "How."),
    Field("label", .string, default: .string("x"), help: "A text."),
  ]
  let values: FieldValues

  package init(_ values: FieldValues) throws(JobFileError) { self.values = values }

  package func plan() throws -> StepPlan { StepPlan(facts: [], stages: [], isUpToDate: true) }

  package func run(_ session: any JobSession, force: Bool) throws -> StepReport {
    StepReport(output: try values.string("output"), skipped: false, values: [:], text: "")
  }
}

package let fakeRegistry = StepRegistry([GroupStep.self, CountStep.self])
