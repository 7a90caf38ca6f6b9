import Basics
import Columns
import Formats
import Wire

/// One stage of a query, as its tasks receive it: where rows come from, what is done with them, where they go.
package struct StagePlan: Sendable {
  /// A task runs one of these; its input says which. Several for UNION ALL.
  package var branches: [Branch]
  package var sink: Sink
  package var session: SessionContext

  package struct Branch: Sendable {
    package var source: Source
    package var steps: [PipelineStep]

    package init(source: Source, steps: [PipelineStep]) {
      self.source = source
      self.steps = steps
    }
  }

  package init(branches: [Branch], sink: Sink, session: SessionContext) {
    self.branches = branches
    self.sink = sink
    self.session = session
  }
}

/// Where a task's rows come from.
package enum Source: Sendable {
  /// A split of a table of files, named by the task's input.
  case scan(ScanSource)
  /// Rows that are part of the plan.
  case rows(ColumnBatch)
  /// The rows of this partition of the upstream stages, in the order of stages and of their tasks.
  case gather(upstream: [Int], fields: [ColumnField])
  /// Groups merged from the partial results of upstream stage 0.
  case aggregate(GroupBy)
  case join(JoinSource)
  /// The rows of upstream stage 0 in the order of the keys.
  case sort(SortSource)
}

package struct ScanSource: Sendable {
  /// Without its splits.
  package var table: FileTable
  /// Indexes of the table's fields.
  package var columns: [Int]
  /// Over the columns; rows that do not meet it are dropped.
  package var filter: Expr?
  /// How the job's stores are reached.
  package var settings: Settings
  /// The table's name in the query.
  package var name: String

  package init(name: String, table: FileTable, columns: [Int], filter: Expr?, settings: Settings) {
    self.table = table
    self.columns = columns
    self.filter = filter
    self.settings = settings
    self.name = name
  }
}

/// A grouping, as map and reduce side share it. Rows between them: group columns, the calls' state columns, positions.
package struct GroupBy: Sendable {
  package struct Call: Sendable {
    /// What the map side reads.
    package enum Input: Sendable {
      case arguments([Expr], filter: Expr?)
      /// The columns of partial results that an earlier grouping left.
      case state([Int])
    }

    package var function: String
    package var types: AggregateTypes
    package var input: Input
    package var name: String

    package init(function: String, types: AggregateTypes, input: Input, name: String) {
      self.function = function
      self.types = types
      self.input = input
      self.name = name
    }
  }

  package var groups: [NamedExpr]
  package var calls: [Call]
  /// The last columns of the input that are positions: the smallest of each group is kept. 0 if the input is in order: groups are
  /// numbered as they come, then.
  package var positions: Int
  /// Passes on partial results, for a further grouping.
  package var keepsStates: Bool

  package init(groups: [NamedExpr], calls: [Call], positions: Int, keepsStates: Bool = false) {
    self.groups = groups
    self.calls = calls
    self.positions = positions
    self.keepsStates = keepsStates
  }

  /// Without GROUP BY there is one row, also for no input.
  package var isGlobal: Bool { groups.isEmpty }

  private var groupFields: [ColumnField] { groups.map { ColumnField($0.name, $0.expr.type, nullable: true) } }

  private var positionFields: [ColumnField] { Array(repeating: NumberStep.field, count: max(1, positions)) }

  private var stateFields: [ColumnField] {
    calls.flatMap { call in call.types.state.map { ColumnField(call.name, $0, nullable: true) } }
  }

  /// The columns of the rows between map and reduce side.
  package var partialFields: [ColumnField] { groupFields + stateFields + positionFields }

  /// The columns of the result; positions last.
  package var fields: [ColumnField] {
    if keepsStates { return partialFields }
    return groupFields + calls.map { ColumnField($0.name, $0.types.result, nullable: true) } + positionFields
  }
}

package struct JoinSource: Sendable {
  package var kind: Join.Kind
  /// Columns of the rows from upstream stage 0 and 1. The last ``leftPositions`` and ``rightPositions`` of them are positions.
  package var left: [ColumnField]
  package var right: [ColumnField]
  package var leftKeys: [Expr]
  package var rightKeys: [Expr]
  package var condition: Expr?
  package var asof: Join.Key?
  package var leftPositions: Int
  package var rightPositions: Int

  package init(
    kind: Join.Kind, left: [ColumnField], right: [ColumnField], leftKeys: [Expr], rightKeys: [Expr],
    condition: Expr?, asof: Join.Key?, leftPositions: Int, rightPositions: Int
  ) {
    self.kind = kind
    self.left = left
    self.right = right
    self.leftKeys = leftKeys
    self.rightKeys = rightKeys
    self.condition = condition
    self.asof = asof
    self.leftPositions = leftPositions
    self.rightPositions = rightPositions
  }
}

package struct SortSource: Sendable {
  package var fields: [ColumnField]
  package var keys: [SortKey]
  package var limit: Limit?

  package init(fields: [ColumnField], keys: [SortKey], limit: Limit?) {
    self.fields = fields
    self.keys = keys
    self.limit = limit
  }
}

/// What a task does with each batch on its way from source to sink.
package enum PipelineStep: Sendable {
  case filter(Expr)
  case project([NamedExpr])
  case unnest(Unnest)
  /// Each row once for each grouping set: the columns of groups outside of the set become null, and the set's number follows
  /// as an int64 column.
  case expand(Expand)
  /// Joins with a small table that is part of the plan.
  case lookup(Lookup)
  /// Passes on this many rows after skipping some, counted within the task.
  case limit(Limit)
  /// The first rows by these keys; ties by order of arrival.
  case top([SortKey], count: Int)
  /// Adds the position of each row as an int64 column: the task's partition and a count.
  case number
}

package struct Expand: Sendable {
  /// Indexes of the group columns.
  package var groups: [Int]
  /// Indexes into `groups`.
  package var sets: [[Int]]

  package init(groups: [Int], sets: [[Int]]) {
    self.groups = groups
    self.sets = sets
  }
}

package struct Lookup: Sendable {
  package var join: JoinSource
  package var table: ColumnBatch

  package init(join: JoinSource, table: ColumnBatch) {
    self.join = join
    self.table = table
  }
}

/// Where a task's rows go.
package enum Sink: Sendable {
  /// To the driver.
  case result
  /// To the partition that the keys' hash decides; without keys, to partition 0.
  case shuffle(keys: [Expr])
  /// Partial results by group, to the partition that the group's hash decides.
  case aggregate(GroupBy)
  /// To a file of the step's output.
  case file(FileSink)
}
