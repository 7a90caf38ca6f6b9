// Runs a `segment` step in this process, for the checks against other implementations in Tests/Integration:
// kmeans-check '{"input": …, "output": …, "clusters": 5, …}' [--force]. Prints a JSON object like that of a job's step.
import Basics
import Engine
import Foundation
import Jobs
import KMeans
import TestSupport
import Wire
import TestSupport

func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data((message + "\n").utf8))
  exit(1)
}

func encode(_ value: JSONValue) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

do {
  guard CommandLine.arguments.count > 1 else { fail("usage: kmeans-check JSON [--force]") }
  let json = try JSONDecoder().decode(JSONValue.self, from: Data(CommandLine.arguments[1].utf8))
  guard case .object(var values) = json else { fail("expected a JSON object") }
  if let unknown = values.keys.first(where: { key in !SegmentStep.fields.contains { $0.name == key } }) {
    fail("steps[0].\(unknown): unknown key")
  }
  for field in SegmentStep.fields { values[field.name] = values[field.name] ?? field.defaultValue }
  let step = try SegmentStep(FieldValues(location: "steps[0]", values: values))
  let session = SequentialSession(OperatorRegistry(SegmentStep.operators))
  let start = ContinuousClock.now
  let report = try step.run(session, force: CommandLine.arguments.contains("--force"))
  var out = report.values
  let elapsed = (ContinuousClock.now - start).components
  out["seconds"] = .number(Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
  out["skipped"] = .bool(report.skipped)
  out["stages"] = .array(session.stageTimes.map { .string("\($0.name): \($0.seconds)") })
  print(try encode(.object(out)))
  FileHandle.standardError.write(Data((report.text + "\n").utf8))
} catch let failure as TaskFailure {
  fail(failure.message)
} catch {
  fail("\(error)")
}
