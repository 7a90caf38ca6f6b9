import Columns
import Engine
import Wire

/// A pipeline under construction: steps can still be added; a sink turns it into a stage.
struct Flow {
  var branches: [StagePlan.Branch]
  var tasks: [StageTask]
  /// Stages whose output the tasks read.
  var upstream: [Int] = []
  /// Data columns, then positions.
  var fields: [ColumnField]
  /// How many of the last columns are positions. 0 if the rows are in order: by task, then by row.
  var positions = 0
  /// A guess of the rows' size in memory.
  var bytes: Int
  /// What the pipeline does, for stage names and EXPLAIN.
  var labels: [String]

  var dataFields: [ColumnField] { Array(fields.dropLast(positions)) }

  var data: Int { fields.count - positions }

  mutating func add(_ step: PipelineStep) {
    for index in branches.indices { branches[index].steps.append(step) }
  }

  /// Makes the rows' order explicit.
  mutating func number() {
    guard positions == 0 else { return }
    add(.number)
    fields.append(NumberStep.field)
    positions = 1
  }

  /// Computes new data columns; positions stay.
  mutating func project(_ columns: [NamedExpr]) {
    let kept = fields.indices.suffix(positions).map {
      NamedExpr(fields[$0].name, .column($0, fields[$0].type))
    }
    add(.project(columns + kept))
    fields = columns.map { ColumnField($0.name, $0.expr.type, nullable: true) } + fields.suffix(positions)
  }

  /// The columns as they are.
  func columns(_ indexes: some Sequence<Int>) -> [NamedExpr] {
    indexes.map { NamedExpr(fields[$0].name, .column($0, fields[$0].type)) }
  }

  /// Puts columns in another order.
  /// - Parameters:
  ///   - all: The columns that the last step makes.
  ///   - order: Indexes of them; the positions last.
  mutating func arrange(_ all: [ColumnField], _ order: [Int]) {
    fields = all
    add(.project(columns(order)))
    fields = order.map { all[$0] }
  }

  /// Repeats the rows for each set of groups. The number of the set becomes the last data column.
  mutating func expand(_ expand: Expand) {
    add(.expand(expand))
    let number = fields.count
    arrange(fields + [ExpandStep.field], Array(0..<data) + [number] + (data..<number))
    bytes *= expand.sets.count
  }

  mutating func dropPositions() {
    guard positions > 0 else { return }
    add(.project(columns(0..<data)))
    fields = dataFields
    positions = 0
  }

  /// Sort keys that put the rows in order.
  var positionKeys: [SortKey] {
    fields.indices.suffix(positions).map { SortKey(.column($0, fields[$0].type)) }
  }
}
