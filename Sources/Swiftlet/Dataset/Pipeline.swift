import Engine
import Storage
import Wire

/// A dataset with its end: what a job does.
public struct Pipeline: Sendable {
  enum End: Sendable {
    case save(DataPath, FileFormat)
    /// Makes the report of the results of the last stage's tasks, in their order.
    case collect(@Sendable ([[UInt8]]) throws -> String)
  }

  let stages: [Stage]
  let end: End

  /// The same text wherever the same pipeline was made.
  var shape: String { stages.map(\.name).joined(separator: "; ") }
}

extension Dataset where Element: Record {
  /// The most bytes of records that one task may send back to the job.
  private static var collectLimit: Int { 16 << 20 }

  /// Writes the records to a folder, which is replaced as a whole when all is done: one file a partition,
  /// `part-00000…`, and the manifest `_SUCCESS`. Where the folder holds the output of the same job for the same
  /// input and options already, nothing runs, unless `--force` is given.
  public func save(to path: DataPath, as format: FileFormat) -> Pipeline {
    let stages = closed("write \(format.suffix.dropFirst())", by: nil) { [produce] task in
      let (file, rows) = try OutputFile.write(task, suffix: format.suffix) { sink in
        switch format {
        case .jsonLines: try OutputFile.copy(task, produce, to: JSONLinesWriter<Element>(sink))
        case .compressedJSONLines:
          try OutputFile.compressed(sink) {
            try OutputFile.copy(task, produce, to: JSONLinesWriter<Element>($0))
          }
        case .parquet: try OutputFile.copy(task, produce, to: TableWriter<Element>(sink))
        }
      }
      task.metrics.rowsWritten = rows
      task.metrics.bytesWritten = file.bytes
      return TaskOutput(result: file.encoded)
    }
    return Pipeline(stages: stages, end: .save(path, format))
  }

  /// Brings the records, which must be few, back to the job, where `report` makes of them what the submitter is shown.
  /// - Parameter report: Receives the records in the order of the partitions.
  public func collect(_ report: @escaping @Sendable ([Element]) throws -> String) -> Pipeline {
    let stages = closed("collect", by: nil) { [produce] task in
      var elements: [[UInt8]] = []
      var bytes = 0
      try produce(task) { element in
        elements.append(try RecordBytes.encode(element))
        bytes += elements[elements.count - 1].count
        guard bytes <= Dataset.collectLimit else {
          throw TaskFailure.fatal(
            "collects over \(Dataset.collectLimit) bytes in one task; save them instead")
        }
      }
      task.metrics.rowsWritten = elements.count
      return TaskOutput(result: try RecordBytes.encode(elements))
    }
    return Pipeline(
      stages: stages,
      end: .collect { results in
        var elements: [Element] = []
        for result in results {
          for bytes in try RecordBytes.decode([[UInt8]].self, from: result) {
            elements.append(try RecordBytes.decode(from: bytes))
          }
        }
        return try report(elements)
      })
  }
}
