import Basics
import Formats
import Storage
import Wire

/// The file that a task of the last stage writes to the staging area of its job.
enum OutputFile {
  static func write(
    _ task: StageTask, suffix: String, _ body: (any ByteSink) throws -> Int
  ) throws -> StagedFile {
    guard let output = task.parameters.output else { throw TaskFailure.fatal("the job has no output folder") }
    let staging = try StagingArea(
      output: output, run: task.parameters.run, settings: task.settings, tag: task.parameters.tag)
    let name = "part-\(PlainText.zeroPadded(task.partition, 5))\(suffix)"
    do {
      return try staging.create(name: name, attempt: "\(task.context.attempt)").file(body)
    } catch let error as UnwritableRecord {
      throw TaskFailure.badInput(
        location: "\(PlainText.path(output, name)), record \(error.record) (counted from 0)",
        message: error.message)
    }
  }

  /// - Returns: Number of records.
  static func copy<Element, Writer: RecordWriter>(
    _ task: StageTask, _ produce: Dataset<Element>.Producer, to writer: Writer
  ) throws -> Int where Writer.Element == Element {
    var rows = 0
    try produce(task) { element in
      try task.step()
      try writer.write(element)
      rows += 1
    }
    try writer.finish()
    return rows
  }

  static func compressed(_ sink: any ByteSink, _ body: (any ByteSink) throws -> Int) throws -> Int {
    let compressing = try CompressingSink(UnclosedSink(sink), codec: .zstd)
    return try compressing.closing { try body(compressing) }
  }
}

/// Passes writes on, but leaves closing to the owner of the sink.
private final class UnclosedSink: ByteSink {
  private let sink: any ByteSink
  init(_ sink: any ByteSink) { self.sink = sink }
  func write(_ bytes: UnsafeRawBufferPointer) throws { try sink.write(bytes) }
  func close() throws {}
  func abort() { sink.abort() }
}
