import Engine
import Storage
import Wire

/// A dataset and its output: the work of a job.
public struct Pipeline: Sendable {
  enum End: Sendable {
    case save(DataPath, FileFormat)
    /// Turns the results of the last stage's tasks, in order, into the report.
    case collect(@Sendable ([[UInt8]]) throws -> String)
  }

  let list: StageList
  let end: End

  var stages: [Stage] { list.stages }

  /// A description that is identical for the same pipeline in any process.
  var shape: String { stages.map(\.name).joined(separator: "; ") }
}

extension Dataset where Element: Record {
  /// The maximum size, in bytes, of the records that one task may return to the job.
  private static var collectLimit: Int { 16 << 20 }

  /// Writes the records to a folder, replacing the whole folder at the end: one file per partition, `part-00000…`, and the
  /// manifest `_SUCCESS`. If the folder already contains the output of the same program, input and options, nothing runs unless
  /// `--force` is given.
  public func save(to path: DataPath, as format: FileFormat) -> Pipeline {
    let stage = finished("write \(format.suffix.dropFirst())", by: nil) { [produce] task in
      let file = try OutputFile.write(task, suffix: format.suffix) { sink in
        switch format {
        case .jsonLines: try OutputFile.copy(task, produce, to: JSONLinesWriter<Element>(sink))
        case .compressedJSONLines:
          try OutputFile.compressed(sink) {
            try OutputFile.copy(task, produce, to: JSONLinesWriter<Element>($0))
          }
        case .parquet: try OutputFile.copy(task, produce, to: TableWriter<Element>(sink))
        }
      }
      task.metrics.rowsWritten = file.rows
      task.metrics.bytesWritten = file.bytes
      return TaskOutput(result: file.encoded)
    }
    return Pipeline(list: stage.stages, end: .save(path, format))
  }

  /// Returns the records, which must be few, to the job.
  /// - Parameter report: Converts the records, in partition order, into the text shown to the submitter.
  public func collect(_ report: @escaping @Sendable ([Element]) throws -> String) -> Pipeline {
    let stage = finished("collect", by: nil) { [produce] task in
      var elements: [[UInt8]] = []
      var bytes = 0
      try produce(task) { element in
        elements.append(try RecordBytes.encode(element))
        bytes += elements[elements.count - 1].count
        guard bytes <= Dataset.collectLimit else {
          throw TaskFailure.fatal(
            "a task collected over \(Dataset.collectLimit) bytes; save the records instead")
        }
      }
      task.metrics.rowsWritten = elements.count
      return TaskOutput(result: try RecordBytes.encode(elements))
    }
    return Pipeline(
      list: stage.stages,
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
