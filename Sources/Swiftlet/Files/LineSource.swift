import Formats
import Storage
import Wire

/// Lines of text files, compressed or not: a task reads a byte range of an uncompressed file, or a whole compressed file.
struct LineSource: Source {
  let path: DataPath
  var name: String { "lines of \(path)" }

  func plan(_ settings: Settings) throws -> SourcePlan {
    let objects = try InputFolder.list(path.uri, settings: settings)
    guard !objects.isEmpty else { throw StorageError.notFound(location: path.uri, message: "holds no files") }
    let lines = try LineSplits(objects, in: try ObjectStores.store(for: path.uri, settings: settings))
    let tasks = try lines.splits.map { try RecordBytes.encode($0.encoded) }
    return SourcePlan(tasks: tasks, objects: objects, bytes: lines.textBytes)
  }

  /// Calls `body` with each non-blank line of the task's split, without its line terminator.
  static func forEachLine(_ task: StageTask, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let split = try InputSplit(decoding: try RecordBytes.decode(from: task.context.input))
    let uri = split.object.uri
    let reader = try LineBlockReader(
      split: split, store: try ObjectStores.store(for: uri, settings: task.settings))
    task.file = uri
    var reported: Int64 = 0
    while let block = try reader.next() {
      try task.context.checkCancelled()
      let rows = task.metrics.rowsRead
      try block.forEachLine { line, offset in
        task.position = .byte(offset)
        task.metrics.rowsRead += 1
        try body(line)
      }
      task.context.progress(rows: task.metrics.rowsRead - rows, bytes: Int(reader.bytesRead - reported))
      reported = reader.bytesRead
    }
    task.position = .unknown
    task.metrics.bytesRead = Int(reader.bytesRead)
  }
}
