import Basics
import Clickstream
import Engine
import Jobs
import TestSupport

/// `features` steps over the events of three days, in a folder of its own.
class FeaturesSuite {
  let temporary: TemporaryFolder
  var folder: String { temporary.path }

  init() throws { temporary = try TemporaryFolder() }

  func values(_ changes: [String: JSONValue] = [:]) -> FieldValues {
    let values: [String: JSONValue] = [
      "input": .string(folder + "/raw"), "output": .string(folder + "/out"), "startDate": "2025-04-01",
      "endDate": "2025-04-03",
    ]
    return FieldValues(FeaturesStep.fields, values.merging(changes) { $1 })
  }

  func step(_ changes: [String: JSONValue] = [:]) throws -> FeaturesStep { try FeaturesStep(values(changes)) }

  func write(_ name: String, _ text: String) throws { try temporary.write("raw/" + name, text) }

  func session(_ order: SequentialSession.Order = .forward, memory: Int = 1 << 30) -> SequentialSession {
    SequentialSession(OperatorRegistry(FeaturesStep.operators), order: order, memory: memory)
  }
}
