import Basics
import CommandLine
import Jobs

// A job file as a program for Apache Spark.

/// A PySpark program that does what a job's steps do and needs nothing of Swiftlet on the cluster.
package struct SparkJob: Sendable {
  package let program: String

  /// - Throws: `UsageError` where a step does not run on Spark.
  package init(_ job: ResolvedJob) throws(UsageError) {
    var parts = [SparkProgram.common, SparkJob.description(job)]
    var types: Set<String> = []
    for step in job.steps where types.insert(step.type).inserted {
      switch type(of: step.step).spark {
      case .program(let part): parts.append(part)
      case .unsupported(let reason):
        throw UsageError("--master: \(step.values.location) (\(step.type)) does not run on Spark: \(reason)")
      }
    }
    parts.append(SparkProgram.main)
    program =
      "\"\"\"\(SparkJob.headline(job))\"\"\"\n\n" + parts.joined(separator: "\n\n")
  }

  private static func headline(_ job: ResolvedJob) -> String {
    let steps = job.steps.map(\.type).joined(separator: ", ")
    return "A Swiftlet job (\(steps)) for Apache Spark 4, made by swift-submit \(Version.current)."
  }

  /// The job's parameters as a Python literal. Settings are left out: Spark has its own, and they may include secrets.
  private static func description(_ job: ResolvedJob) -> String {
    let steps = job.steps.map { step in
      var members = step.values.values
      members["type"] = .string(step.type)
      return JSONValue.object(members)
    }
    let document = JSONText.pretty(["name": .string(job.name), "steps": .array(steps)])
    // JSON has single quotes only inside strings, where an escape may stand for them: the literal cannot end early.
    var literal = ""
    for character in document.unicodeScalars {
      if character == "'" { literal += "\\u0027" } else { literal.unicodeScalars.append(character) }
    }
    return "JOB = json.loads(r'''\n\(literal)\n''')\n"
  }
}
