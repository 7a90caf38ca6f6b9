import Engine
import Wire

/// One attempt at a task of a pipeline's stage: what its closures work with. One object an attempt, one thread.
final class StageTask {
  let context: any TaskContext
  let parameters: StageParameters
  /// Those of the job.
  let settings: Settings
  var metrics = TaskMetrics()
  /// Where the record comes from that is being worked on; errors name it.
  var file = ""
  var position: RecordPosition = .unknown

  /// Records between two looks at whether the attempt should stop.
  private static let interval = 1024
  private var sinceCheck = 0

  init(_ context: any TaskContext, _ parameters: StageParameters, settings: Settings) {
    self.context = context
    self.parameters = parameters
    self.settings = settings
  }

  var partition: Int { context.attempt.task.partition }

  /// Call it for every record of long loops; cheap.
  func step() throws {
    sinceCheck += 1
    guard sinceCheck == StageTask.interval else { return }
    sinceCheck = 0
    try context.checkCancelled()
    context.progress(rows: StageTask.interval, bytes: 0)
  }

  /// The location of the current record, for errors.
  var place: String {
    switch position {
    case .unknown: parameters.stageName
    case .byte(let offset): "\(file), byte \(offset)"
    case .row(let row, let group): "\(file), row group \(group), row \(row)"
    case .element(let index): "\(file), element \(index)"
    }
  }
}

enum RecordPosition {
  case unknown
  /// Of its first byte, in the uncompressed file.
  case byte(Int64)
  case row(Int, group: Int)
  case element(Int)
}

/// What a stage's tasks are told besides their input; the same for all of them.
struct StageParameters: Record {
  /// Of the executable that made them: a worker with other code would compute something else.
  var build: UInt64
  /// The job's options, from which the worker makes the same pipeline again.
  var options: String
  /// Index in the pipeline.
  var stage: Int
  var stageName: String
  /// Of the job's output folder, where it has one.
  var output: String?
  var run: String
  /// See ``StagingArea/tag``.
  var tag: String
  /// Those of the job, in their byte form, with secrets.
  var settings: [UInt8]
}
