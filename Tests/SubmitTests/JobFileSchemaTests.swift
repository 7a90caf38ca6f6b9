import Basics
import Foundation
import Jobs
import Submit
import Testing

/// The files in `jobs/` against the decoder. `Tests/Integration/cluster/test_schema.py` holds the schema against another validator.
@Suite struct JobFileSchemaTests {
  private static let jobs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("jobs")

  @Test func committedSchemaIsWhatTheFieldsSay() throws {
    let committed = try String(
      contentsOf: Self.jobs.appendingPathComponent("job.schema.json"), encoding: .utf8)
    #expect(
      committed == JobSchema.text(.standard),
      "after a change of fields: swift-submit --print-schema > jobs/job.schema.json")
  }

  @Test func ourJobsAreRight() throws {
    let files = try FileManager.default.contentsOfDirectory(at: Self.jobs, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "json" && $0.lastPathComponent != "job.schema.json" }
    #expect(!files.isEmpty)
    for file in files {
      let text = try String(contentsOf: file, encoding: .utf8)
      let job = try JobFile(text: text, registry: .standard).resolve(base: "/work")
      #expect(try ResolvedJob(json: job.json, registry: .standard).json == job.json)
    }
  }

  /// A default that its own field refuses would make every job file wrong that leaves it out on the way to a driver.
  @Test func defaultsFitTheirFields() throws {
    for type in StepRegistry.standard.types {
      #expect(Set(type.fields.map(\.name)).count == type.fields.count)
      #expect(Set(type.fields.map(\.name)).isDisjoint(with: ["type", "name"]))
      for field in type.fields {
        #expect(!field.help.isEmpty && field.help.hasSuffix("."), "\(type.type).\(field.name)")
        guard let value = field.defaultValue else { continue }
        let members = JSONText.compact(.object(["type": .string(type.type), field.name: value]))
        do {
          _ = try JobFile(text: "{\"steps\": [\(members)]}", registry: .standard).resolve(base: "/work")
        } catch {
          #expect(!error.errors.contains { $0.location == "steps[0].\(field.name)" }, "\(error)")
        }
      }
    }
  }
}
