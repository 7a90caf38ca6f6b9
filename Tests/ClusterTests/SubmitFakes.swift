import Engine
import Jobs

/// Reads lines, writes counts: a step with a field of every kind.
struct CountStep: Step {
  static let type = "count"
  static let help = "Counts things."
  static let fields = [
    Field("input", .uri, help: "Where to read."), Field("output", .uri, help: "Where to write."),
    Field("startDate", .date, help: "The first day."),
    Field("endDate", .date, optional: true, help: "The last day."),
    Field("maxShare", .number(min: 0, max: 1), default: .number(0.05), help: "A share."),
    Field("strict", .bool, default: .bool(false), help: "A flag."),
  ]
  let values: FieldValues

  init(_ values: FieldValues) throws(JobFileError) {
    self.values = values
    if let end = values.optionalString("endDate"), try values.string("startDate") > end {
      throw values.error("endDate", "is before startDate")
    }
  }

  func plan() throws -> StepPlan {
    StepPlan(
      facts: [("input", "3 objects, 1.2 GB"), ("output", try values.string("output"))],
      stages: [
        .init(name: "read", operatorName: "count.map", tasks: 12, detail: "12 splits of up to 64 MB"),
        .init(name: "merge", operatorName: "count.reduce", tasks: nil, detail: ""),
      ], isUpToDate: false)
  }

  func run(_ session: any JobSession, force: Bool) throws -> StepReport {
    StepReport(output: try values.string("output"), skipped: false, values: [:], text: "")
  }
}

struct GroupStep: Step {
  static let type = "group"
  static let help = "Groups things."
  static let fields = [
    Field("input", .uri, help: "Where to read."), Field("output", .uri, help: "Where to write."),
    Field("clusters", .either(.integer(min: 1, max: 10_000), .choice(["auto"])), help: "How many groups."),
    Field("columns", .strings, optional: true, help: "Which columns."),
    Field("seed", .integer(min: nil, max: nil), default: .integer(42), help: "A seed."),
    Field("mode", .choice(["fast", "exact"]), default: .string("exact"), help: "How."),
    Field("label", .string, default: .string("x"), help: "A text."),
  ]
  let values: FieldValues

  init(_ values: FieldValues) throws(JobFileError) { self.values = values }

  func plan() throws -> StepPlan { StepPlan(facts: [], stages: [], isUpToDate: true) }

  func run(_ session: any JobSession, force: Bool) throws -> StepReport {
    StepReport(output: try values.string("output"), skipped: false, values: [:], text: "")
  }
}

let fakeRegistry = StepRegistry([GroupStep.self, CountStep.self])
