import Engine
import Wire

/// A task attempt of a pipeline's stage, passed to the stage's closures. One object per attempt, used by one thread.
final class StageTask {
  let context: any TaskContext
  let parameters: StageParameters
  /// The job's settings.
  let settings: Settings
  var metrics = TaskMetrics()
  /// Location of the current record, for errors.
  var file = ""
  var position: RecordPosition = .unknown

  /// Number of records between two checks for cancellation.
  private static let interval = 1024
  private var sinceCheck = 0

  init(_ context: any TaskContext, _ parameters: StageParameters, settings: Settings) {
    self.context = context
    self.parameters = parameters
    self.settings = settings
  }

  var partition: Int { context.attempt.task.partition }

  /// Checks for cancellation now and then. Call it for every record in long loops; it is cheap.
  func step() throws {
    sinceCheck += 1
    guard sinceCheck == StageTask.interval else { return }
    sinceCheck = 0
    try context.checkCancelled()
    context.progress(rows: StageTask.interval, bytes: 0)
  }

  /// The location of the current record, for errors.
  var location: String {
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
  /// Offset of the record's first byte in the uncompressed file.
  case byte(Int64)
  case row(Int, group: Int)
  case element(Int)
}

/// Parameters of a stage, the same for all of its tasks.
struct StageParameters: Record {
  /// The job's options, from which the worker rebuilds the pipeline.
  var options: String
  /// Index of the stage in the pipeline.
  var stage: Int
  var stageName: String
  /// The job's output folder, if it has one.
  var output: String?
  var run: String
  /// See ``StagingArea/tag``.
  var tag: String
  /// The job's settings, encoded, including secrets.
  var settings: [UInt8]
}
