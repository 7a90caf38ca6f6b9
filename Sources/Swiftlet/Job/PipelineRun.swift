import Basics
import Engine
import Storage
import Wire

/// The driver side of a job with a pipeline: runs the stages and publishes the output.
struct PipelineRun<J: Job> {
  let job: J
  var partitions: Int?
  var settings = Settings()

  func run(_ session: any JobSession, force: Bool) throws -> JobReport {
    let plan = try PipelinePlan(job, partitions: partitions, settings: settings)
    switch plan.pipeline.end {
    case .collect(let report):
      let results = try session.run(plan.graph(output: nil, run: session.job.name))
      return JobReport(text: try report(results.map(\.payload)))
    case .save(let path, _): return try save(plan, to: path, session, force: force)
    }
  }

  private func save(
    _ plan: PipelinePlan, to path: DataPath, _ session: any JobSession, force: Bool
  ) throws -> JobReport {
    let manifest = plan.manifest(step: J.name)
    let output = try OutputFolder(path.uri, settings: settings)
    if !force, let done = output.complete(fingerprint: manifest.fingerprint) {
      return JobReport(
        text: "the output was complete already", output: output.uri.description, isSkipped: true,
        rowsWritten: done.rows)
    }
    let committer = try OutputCommitter(
      output: path.uri, run: session.job.name, settings: settings, fingerprint: manifest.fingerprint)
    defer { committer.abort() }
    try committer.begin(replacingAs: J.name) { session.status($0) }
    let staging = committer.staging
    let results = try session.run(
      plan.graph(output: staging.output, run: session.job.name, tag: staging.tag))
    let files = try results.decoded(StagedFile.self, stage: "job '\(J.name)'")
    try session.checkCancelled()
    // The first file is kept even without rows, so that the output is always a table.
    let kept = files.enumerated().filter { $0.offset == 0 || $0.element.rows > 0 }.map(\.element)
    let published = try committer.publish(files: kept, manifest: manifest)
    return JobReport(output: output.uri.description, rowsWritten: published.rows)
  }
}

extension PipelinePlan {
  /// The manifest, except for values known only after a run.
  func manifest(step: String) -> Manifest {
    var parameters = options
    // The output folder does not affect the output's contents.
    if case .object(let values) = options, case .save(let path, _) = pipeline.end {
      parameters = .object(values.filter { $0.value != .string(path.uri) })
    }
    return Manifest(
      step: step, program: StepProgram(build: String(Build.identity, radix: 16)),
      parameters: [
        "options": JSONText.compact(parameters), "partitions": "\(partitions)", "pipeline": pipeline.shape,
      ],
      inputs: objects)
  }
}
