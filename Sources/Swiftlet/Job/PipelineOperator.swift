import Basics
import Engine
import Jobs
import Storage
import Wire

/// Runs a stage of a job's pipeline: rebuilds the pipeline from the job's options and selects the stage by number. Both are
/// part of the stage's parameters.
struct PipelineOperator<J: Job>: Operator {
  static var name: String { "job.\(J.name)" }

  private let parameters: StageParameters
  private let settings: Settings
  private let stage: Stage

  init(parameters: [UInt8]) throws {
    do {
      self.parameters = try RecordBytes.decode(from: parameters)
      settings = try Settings(decoding: self.parameters.settings)
      guard case .object(let values) = try JSONText.parse(self.parameters.options) else {
        throw TaskFailure.fatal("the options of '\(J.name)' are not a JSON object")
      }
      let job = J()
      try JobOptions(job).set(FieldValues(location: "options", values: values))
      let stages = try job.pipeline().stages
      guard stages.indices.contains(self.parameters.stage),
        stages[self.parameters.stage].name == self.parameters.stageName
      else {
        throw TaskFailure.fatal(
          "the pipeline of '\(J.name)' differs from the driver's: it must depend on its options only"
        )
      }
      stage = stages[self.parameters.stage]
    } catch let failure as TaskFailure {
      throw failure
    } catch {
      throw TaskFailure.fatal("stage of '\(J.name)': \(error)")
    }
  }

  func run(_ context: any TaskContext) throws -> TaskOutput {
    let task = StageTask(context, parameters, settings: settings)
    do {
      var output = try stage.run(task)
      output.metrics = task.metrics
      return output
    } catch let error as RecordError {
      throw TaskFailure.badInput(location: task.location, message: error.description)
    }
  }
}
