import Formats
import Storage
import Wire

/// Lines of text files, `.zst` and `.gz` ones too: a byte range of an uncompressed file, or a whole compressed one, a task.
struct LineSource: Source {
  /// How much longer text usually is before compression.
  private static let compressionRatio: Int64 = 8

  let path: DataPath
  var name: String { "lines of \(path)" }

  func plan(_ settings: Settings) throws -> SourcePlan {
    let objects = try InputFolder.list(path.uri, settings: settings)
    guard !objects.isEmpty else { throw StorageError.notFound(place: path.uri, message: "holds no files") }
    let bytes = objects.reduce(Int64(0)) { sum, object in
      let ratio = Codec(uri: object.uri) == .none ? 1 : LineSource.compressionRatio
      return min(sum + min(object.size, 1 << 50) * ratio, 1 << 60)
    }
    let tasks = try SplitPlanner.lineSplits(of: objects).map { try RecordBytes.encode($0.encoded) }
    return SourcePlan(tasks: tasks, objects: objects, bytes: bytes)
  }

  /// Calls `body` with each line of the task's split that is not blank, without its line end.
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
      var start = 0
      while start < block.bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: block.bytes[start...])
        let (length, next) = lineEnd(rest)
        task.position = .byte(block.offset + Int64(start))
        if length > 0 {
          task.metrics.rowsRead += 1
          try body(UnsafeRawBufferPointer(rebasing: rest[..<length]))
        }
        start += next
      }
      task.context.progress(rows: task.metrics.rowsRead - rows, bytes: Int(reader.bytesRead - reported))
      reported = reader.bytesRead
    }
    task.position = .unknown
    task.metrics.bytesRead = Int(reader.bytesRead)
  }
}
