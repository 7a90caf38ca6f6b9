import Columns
import Engine
import Formats
import Shuffle
import Wire

/// Feeds a task's pipeline from its source.
struct SourceReader {
  private let session: SessionContext
  private let task: any TaskContext
  private let notes: NoteCollector

  init(_ session: SessionContext, _ task: any TaskContext, _ notes: NoteCollector) {
    self.session = session
    self.task = task
    self.notes = notes
  }

  func run(
    _ source: Source, _ split: FileTableSplit?, _ next: any BatchConsumer, _ metrics: inout TaskMetrics
  ) throws {
    switch source {
    case .scan(let scan):
      guard let split else { throw TaskFailure.fatal("a scan without a split") }
      try self.scan(scan, split, next, &metrics)
    case .rows(let batch):
      if batch.rows > 0 { try next.consume(batch) }
    case .gather(let upstream, let fields):
      for stage in upstream { try gather(stage, fields, next) }
    case .aggregate(let groupBy): try aggregate(groupBy, next)
    case .join(let join):
      let merge = SpillingMerge(task, limit: task.memory / 2) { JoinTable(join, session, notes) }
      try merge.run([.upstream(0), .upstream(1)]) { try $0.run(next) }
    case .sort(let sort):
      // Fails here, if at all.
      let empty = try SortTable(sort, session, notes)
      let merge = SpillingMerge(task, limit: task.memory / 2) { empty }
      let limited = sort.limit.map { LimitStep($0, UnfinishedConsumer(next)) }
      try merge.run([.upstream(0)]) { try $0.run(limited ?? UnfinishedConsumer(next)) }
    }
  }

  private func scan(
    _ scan: ScanSource, _ split: FileTableSplit, _ next: any BatchConsumer, _ metrics: inout TaskMetrics
  ) throws {
    let condition = try scan.filter.map { try Evaluator($0, session: session) }
    var rejected = RejectedRecords(cap: scan.table.options.rejectedCap)
    var rows = 0
    defer { metrics[.rowsRead] = rows }
    do {
      try scan.table.read(split, columns: scan.columns, settings: scan.settings, rejected: &rejected) {
        batch in
        try task.checkCancelled()
        rows += batch.rows
        task.progress(rows: batch.rows, bytes: 0)
        if next.isDone { throw Stop() }
        do {
          let passing = try condition?.filter(batch)
          guard let passing, passing.count < batch.rows else { return try next.consume(batch) }
          if !passing.isEmpty { try next.consume(batch.gather(passing)) }
        } catch let error as QueryError where error.row != nil {
          throw located(error, split, rows - batch.rows)
        }
      }
    } catch is Stop {}
    metrics[.bytesRead] = Int(split.split.bytes)
    // Records of tables without rejected ones count too: the share is of all.
    var note = StageNote()
    note.add(
      StageNote.Table(
        name: scan.name, maxRejectedShare: scan.table.options.maxRejectedShare, rejected: rejected))
    notes.add(note)
  }

  /// Ends a scan of which no more rows are needed.
  private struct Stop: Error {}

  private func located(_ error: QueryError, _ split: FileTableSplit, _ first: Int) -> TaskFailure {
    .badInput(
      location: "\(split.split.object.uri), row \(first + (error.row ?? 0)) of the split (counted from 0)",
      message: error.description)
  }

  private func gather(_ stage: Int, _ fields: [ColumnField], _ next: any BatchConsumer) throws {
    try BlockSource.upstream(stage).forEachBlock(task) { block in
      switch try RowBlock(block, fields) {
      case .rows(let batch): if !next.isDone { try next.consume(batch) }
      case .note(let note): notes.add(note)
      case nil: break
      }
    }
  }

  private func aggregate(_ groupBy: GroupBy, _ next: any BatchConsumer) throws {
    let functions = try AggregateTable.functions(groupBy)
    let merge = SpillingMerge<AggregateTable>(task, limit: task.memory / 2) {
      AggregateTable(groupBy, functions, notes)
    }
    try merge.run([.upstream(0)]) { table in
      var table = table
      try table.finish(UnfinishedConsumer(next))
    }
  }
}
