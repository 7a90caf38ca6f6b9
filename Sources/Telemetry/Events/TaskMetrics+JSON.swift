import Basics
import Wire

/// Counters as members of JSON objects, under the names of their declarations.
extension TaskMetrics {
  package var members: [String: JSONValue] {
    Dictionary(
      uniqueKeysWithValues: TaskCounter.allCases.map { ($0.declaration.name, JSONValue.count(self[$0])) })
  }

  /// Missing counters are 0: logs of earlier versions may have fewer.
  package init(json: JSONValue?) {
    self.init()
    for counter in TaskCounter.allCases {
      let value = json?[counter.declaration.name]?.int ?? 0
      self[counter] = min(max(0, value), JSONValue.naturals.upperBound)
    }
  }
}
