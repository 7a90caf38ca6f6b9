import Basics
import Engine
import Storage
import Wire

/// The files of rejected lines.
enum RejectedFile {
  /// Stages the rejected lines of a task, as lines of JSON, beside its other files.
  static func stage(
    _ lines: [String], part: String, _ staging: StagingArea, _ task: any TaskContext
  ) throws -> [StagedFile] {
    if lines.isEmpty { return [] }
    let sink = try staging.create(name: "_rejected/\(part).jsonl", attempt: "\(task.attempt)")
    return [
      try sink.file { sink in
        for line in lines { try sink.write(line) }
        return lines.count
      }
    ]
  }

  /// Keeps the lines of a step that fails because of them. The file is written beside the output's data, which stays as it is.
  /// - Parameter what: `12 of 100 lines of /data/raw`
  /// - Returns: The failure, which names the file.
  static func failure(
    _ what: String, _ counts: RejectCounts, limit: Double, lines: [RejectedLine], output: String,
    settings: Settings
  ) throws -> JobFailure {
    var kept = ""
    if !lines.isEmpty {
      let uri = try uri(output, settings)
      let sink = try ObjectStores.sink(for: uri, settings: settings)
      try sink.closing { for line in lines { try sink.write(line.json) } }
      kept = "; they are kept in \(uri)"
    }
    let first = lines.prefix(3).map { "\n  " + $0.summary }.joined()
    return .failed(
      "\(what) are not events, more than maxRejectedShare \(limit) allows (\(counts.text))\(kept); the first:\(first)"
    )
  }

  /// Removes the file of an earlier run, once a new output is published. Where folders are replaced as a whole, it is gone already.
  static func remove(output: String, settings: Settings) {
    guard let uri = try? uri(output, settings) else { return }
    try? ObjectStores.store(for: uri, settings: settings).delete([uri])
  }

  private static func uri(_ output: String, _ settings: Settings) throws -> String {
    try OutputFolder(output, settings: settings).uri.appending(Manifest.rejectedFile).description
  }
}
