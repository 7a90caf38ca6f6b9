import Basics
import CommandLine
import Jobs
import KMeans
import SparkProgram

/// A job as a PySpark program that needs nothing of Swiftlet: for clusters that have Spark and nothing else.
package struct SparkJob: Sendable {
  package let program: String

  /// - Throws: `UsageError` where a step does not run on Spark.
  package init(_ job: ResolvedJob) throws(UsageError) {
    var parts = [SparkProgram.common, SparkJob.description(job)]
    var types: [String] = []
    for step in job.steps where !types.contains(step.type) {
      guard let part = SparkProgram.step(step.type) else {
        throw UsageError(
          "--master: \(step.values.place) is of type '\(step.type)', which does not run on Spark; "
            + "features and segment do")
      }
      types.append(step.type)
      parts.append(part)
    }
    // The main part names both kinds of steps; one that the job has not is never called.
    for type in ["features", "segment"] where !types.contains(type) { parts.append("\(type)_step = None\n") }
    parts.append(SparkProgram.main)
    program =
      "\"\"\"\(SparkJob.headline(job))\"\"\"\n\n" + parts.joined(separator: "\n\n")
  }

  private static func headline(_ job: ResolvedJob) -> String {
    let steps = job.steps.map(\.type).joined(separator: ", ")
    return "A Swiftlet job (\(steps)) for Apache Spark 4, made by swift-submit \(Version.current)."
  }

  /// The job's parameters as a Python literal. Its settings stay out: Spark has its own, and there are secrets among them.
  private static func description(_ job: ResolvedJob) -> String {
    let steps = job.steps.map { step in
      var members = step.values.values
      members["type"] = .string(step.type)
      return JSONValue.object(members)
    }
    let document = JSONText.pretty(["name": .string(job.name), "steps": .array(steps)])
    // A quote can be inside of strings only, where it may be written as an escape: so the literal cannot end early.
    var literal = ""
    for character in document.unicodeScalars {
      if character == "'" { literal += "\\u0027" } else { literal.unicodeScalars.append(character) }
    }
    let phrases = ColumnPhrase.known.sorted { $0.key < $1.key }.map { name, phrase in
      "    \"\(name)\": (\"\(phrase.high)\", \"\(phrase.low)\", \"\(phrase.topic)\"),\n"
    }
    return "JOB = json.loads(r'''\n\(literal)\n''')\n\n"
      + "# What a column's high and low values say of a person, and its topic.\n"
      + "PHRASES = {\n\(phrases.joined())}\n"
  }
}
