// Runs a `segment` step in this process, for the checks against other implementations in Tests/Integration:
// kmeans-check '{"input": …, "output": …, "clusters": 5, …}' [--force]. Prints a JSON object like that of a job's step.
import Basics
import Engine
import Foundation
import Jobs
import KMeans
import TestSupport
import Wire

func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data((message + "\n").utf8))
  exit(1)
}

do {
  guard CommandLine.arguments.count > 1 else { fail("usage: kmeans-check JSON [--force]") }
  let json = try JSONText.parse(CommandLine.arguments[1])
  guard case .object(let values) = json else { fail("expected a JSON object") }
  if let unknown = values.keys.first(where: { key in !SegmentStep.fields.contains { $0.name == key } }) {
    fail("steps[0].\(unknown): unknown key")
  }
  let step = try SegmentStep(FieldValues(SegmentStep.fields, values))
  let session = SequentialSession(OperatorRegistry(SegmentStep.operators))
  let start = ContinuousClock.now
  let report = try step.run(session, force: CommandLine.arguments.contains("--force"))
  var out = report.values
  out["seconds"] = .number((ContinuousClock.now - start) / .seconds(1))
  out["skipped"] = .bool(report.skipped)
  out["stages"] = .array(session.stages.map { .string("\($0.name): \($0.seconds)") })
  print(JSONText.compact(.object(out)))
  FileHandle.standardError.write(Data((report.text + "\n").utf8))
} catch let failure as TaskFailure {
  fail(failure.message)
} catch {
  fail("\(error)")
}
