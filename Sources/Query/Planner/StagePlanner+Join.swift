import Columns

extension StagePlanner {
  func join(_ left: LogicalPlan, _ right: LogicalPlan, _ join: Join, needsOrder: Bool) throws -> Flow {
    let leftFlow = try plan(left, needsOrder: needsOrder)
    let keepsRight = join.kind != .semi && join.kind != .anti && join.kind != .nullAwareAnti
    let rightFlow = try plan(right, needsOrder: needsOrder && keepsRight)
    let needsAllRows = join.kind == .nullAwareAnti || join.keys.isEmpty
    let canLookUp = join.kind != .right && join.kind != .full
    if canLookUp, needsAllRows || rightFlow.bytes <= StagePlanner.lookupBytes {
      return try lookup(leftFlow, rightFlow, join, needsOrder: needsOrder)
    }
    if join.kind == .inner, leftFlow.bytes <= StagePlanner.lookupBytes {
      return try swappedLookup(leftFlow, rightFlow, join, needsOrder: needsOrder)
    }
    return shuffled(leftFlow, rightFlow, join, needsOrder: needsOrder)
  }

  private func source(_ join: Join, _ left: Flow, _ right: Flow) -> JoinSource {
    JoinSource(
      kind: join.kind, left: left.fields, right: right.fields, leftKeys: join.keys.map(\.left),
      rightKeys: join.keys.map(\.right), condition: join.condition, asof: join.asof,
      leftPositions: left.positions, rightPositions: right.positions)
  }

  /// Joins with the rows of the right side in each task of the left.
  private func lookup(_ left: Flow, _ right: Flow, _ join: Join, needsOrder: Bool) throws -> Flow {
    var flow = left
    var right = right
    // Rows of one left row follow each other in the right's order, so an ordered left side stays ordered.
    let table = try ordered(materialize(right, stages), &right)
    let source = source(join, flow, right)
    flow.add(.lookup(Lookup(join: source, table: table)))
    flow.fields = source.fields
    flow.positions = source.positions
    flow.labels.append("lookup join")
    if flow.positions > 0, source.hasRightColumns, needsOrder {
      // Left positions no longer tell the rows of one left row apart.
      flow.addOrdinal()
    }
    return flow
  }

  /// Puts materialized rows in order and drops their positions.
  private func ordered(_ batch: ColumnBatch, _ flow: inout Flow) throws -> ColumnBatch {
    guard flow.positions > 0 else { return batch }
    let order = try RowSorter(flow.positionKeys, session).order(batch)
    let data = flow.data
    flow.fields = flow.dataFields
    flow.positions = 0
    return ColumnBatch(
      fields: flow.fields, columns: batch.columns[..<data].map { $0.gather(order) }, rows: batch.rows)
  }

  /// An inner join with a small left side: the right side's tasks look up the left's rows.
  private func swappedLookup(_ left: Flow, _ right: Flow, _ join: Join, needsOrder: Bool) throws -> Flow {
    var left = left
    var flow = right
    var table = try ordered(materialize(left, stages), &left)
    if needsOrder {
      // The result is in the left's order first.
      flow.number()
      table.fields.append(NumberStep.field)
      table.columns.append(Column(.int64((0..<table.rows).map { Int64($0) })))
      left.fields = table.fields
      left.positions = 1
    } else {
      flow.dropPositions()
    }
    let leftData = left.data
    let rightData = flow.data
    var swapped = join
    swapped.keys = join.keys.map { Join.Key($0.right, $0.left) }
    swapped.condition = join.condition.map { condition in
      condition.replacingColumns { index, type in
        let moved = index < leftData ? index + rightData : index - leftData
        return .column(index < Expr.outerBase ? moved : index, type)
      }
    }
    let source = source(swapped, flow, left)
    flow.add(.lookup(Lookup(join: source, table: table)))
    let fields = source.fields
    // Columns and positions back in the order of left and right.
    let data = Array(rightData..<rightData + leftData) + (0..<rightData)
    let positionStart = leftData + rightData
    let positions =
      Array(positionStart + source.leftPositions..<fields.count)
      + (positionStart..<positionStart + source.leftPositions)
    flow.arrange(fields, data + positions)
    flow.positions = positions.count
    flow.labels.append("lookup join")
    return flow
  }

  private func shuffled(_ left: Flow, _ right: Flow, _ join: Join, needsOrder: Bool) -> Flow {
    var left = left
    var right = right
    if needsOrder {
      left.number()
      if join.kind != .semi, join.kind != .anti { right.number() } else { right.dropPositions() }
    } else {
      left.dropPositions()
      right.dropPositions()
    }
    let count = partitions(left.bytes + right.bytes)
    let leftStage = close(left, .shuffle(keys: join.keys.map(\.left)), partitions: count)
    let rightStage = close(right, .shuffle(keys: join.keys.map(\.right)), partitions: count)
    let source = source(join, left, right)
    return Flow(
      branches: [StagePlan.Branch(source: .join(source), steps: [])],
      tasks: Array(repeating: StageTask(branch: 0), count: count), upstream: [leftStage, rightStage],
      fields: source.fields, positions: source.positions, bytes: max(left.bytes, right.bytes),
      labels: ["hash join"])
  }
}

extension Flow {
  /// Adds the task's row count as a last position, where rows share all others but are in order within the task.
  fileprivate mutating func addOrdinal() {
    add(.number)
    fields.append(NumberStep.field)
    positions += 1
  }
}
