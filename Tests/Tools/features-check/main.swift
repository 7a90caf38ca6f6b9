import Basics
import Clickstream
import Engine
import Foundation
import Jobs
import TestSupport

// features-check run INPUT OUTPUT START END [name=value …]    runs the step, prints its report as JSON
// features-check plan INPUT OUTPUT START END [name=value …]   prints what it would do
// features-check scan FILE                                    prints what the scanner finds
// features-check bench-scan FILE ROUNDS                       times the scanner alone

func step(_ arguments: [String]) throws -> (step: FeaturesStep, force: Bool) {
  var values: [String: JSONValue] = [:]
  for (name, value) in zip(["input", "output", "startDate", "endDate"], arguments) {
    values[name] = .string(value)
  }
  var own: [String: Int64] = [:]
  for argument in arguments.dropFirst(4) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { throw JobFailure.failed("expected name=value, found \(argument)") }
    if ["splitBytes", "partitionBytes", "force"].contains(parts[0]), let value = Int64(parts[1]) {
      own[parts[0]] = value
    } else if let value = Int64(parts[1]) {
      values[parts[0]] = .integer(value)
    } else {
      values[parts[0]] = Double(parts[1]).map(JSONValue.number) ?? .string(parts[1])
    }
  }
  var step = try FeaturesStep(FieldValues(FeaturesStep.fields, values))
  if let bytes = own["splitBytes"] { step.splitBytes = bytes }
  if let bytes = own["partitionBytes"] { step.partitionBytes = bytes }
  return (step, own["force"] == 1)
}

func main(_ arguments: [String]) throws {
  switch arguments.first {
  case "run":
    let (step, force) = try step(Array(arguments.dropFirst()))
    let session = SequentialSession(OperatorRegistry(FeaturesStep.operators))
    let report = try step.run(session, force: force)
    for stage in session.stages {
      let bytes = stage.metrics.bytesRead
      Console.error(
        "\(stage.name): \(stage.tasks) tasks, \(bytes) bytes and \(stage.metrics.rowsRead) rows read, "
          + "\(stage.shuffledBytes) bytes shuffled, \(stage.seconds) s of processor time, "
          + "\(Double(bytes) / stage.seconds / 1e6) MB/s")
    }
    var values = report.values
    values["output"] = .string(report.output)
    values["skipped"] = .bool(report.skipped)
    values["text"] = .string(report.text)
    Console.write(JSONText.compact(.object(values)) + "\n")
  case "plan":
    let plan = try step(Array(arguments.dropFirst())).step.plan()
    for (label, value) in plan.facts { Console.write("\(label): \(value)\n") }
    for stage in plan.stages {
      Console.write("\(stage.outline.name): \(stage.tasks ?? 0) tasks, \(stage.outline.detail)\n")
    }
    Console.write("up to date: \(plan.isUpToDate)\n")
  case "scan": try ScanCommand.show(arguments[1])
  case "bench-scan": try ScanCommand.measure(arguments[1], rounds: Int(arguments[2]) ?? 1)
  default: throw JobFailure.failed("expected run, plan, scan or bench-scan")
  }
}

do {
  try main(Array(CommandLine.arguments.dropFirst()))
} catch {
  Console.error("\(error)")
  exit(1)
}
