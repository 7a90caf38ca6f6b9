// The byte form of the sources of stages.
import Basics
import Columns
import Formats
import Wire

extension Source: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    let kind: UInt8 = try reader.integer()
    switch kind {
    case 0:
      let name = try reader.string()
      let table: FileTable = try reader.value()
      let columns = try reader.counts()
      guard columns.allSatisfy(table.fields.indices.contains) else { throw .invalid("a column of no field") }
      let filter: Expr? = try reader.optional()
      self = .scan(
        ScanSource(name: name, table: table, columns: columns, filter: filter, settings: try reader.value()))
    case 1: self = .rows(try reader.value(SelfDescribedBatch.self).batch)
    case 2:
      let upstream = try reader.counts()
      self = .gather(upstream: upstream, fields: try reader.list())
    case 3: self = .aggregate(try reader.value())
    case 4: self = .join(try reader.value())
    case 5:
      let fields: [ColumnField] = try reader.list()
      let keys: [SortKey] = try reader.list()
      self = .sort(SortSource(fields: fields, keys: keys, limit: try reader.optional()))
    default: throw .invalid("source of kind \(kind)")
    }
  }

  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .scan(let scan):
      writer.integer(UInt8(0))
      writer.string(scan.name)
      writer.value(scan.table)
      writer.counts(scan.columns)
      writer.optional(scan.filter)
      writer.value(scan.settings)
    case .rows(let batch):
      writer.integer(UInt8(1))
      writer.value(SelfDescribedBatch(batch))
    case .gather(let upstream, let fields):
      writer.integer(UInt8(2))
      writer.counts(upstream)
      writer.list(fields)
    case .aggregate(let groupBy):
      writer.integer(UInt8(3))
      writer.value(groupBy)
    case .join(let join):
      writer.integer(UInt8(4))
      writer.value(join)
    case .sort(let sort):
      writer.integer(UInt8(5))
      writer.list(sort.fields)
      writer.list(sort.keys)
      writer.optional(sort.limit)
    }
  }
}

extension GroupBy: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    let groups: [NamedExpr] = try reader.list()
    let calls: [Call] = try reader.list()
    let positions = try reader.count()
    self.init(groups: groups, calls: calls, positions: positions, keepsStates: try reader.bool())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.list(groups)
    writer.list(calls)
    writer.count(positions)
    writer.bool(keepsStates)
  }
}

extension GroupBy.Call: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    let function = try reader.string()
    let arguments: [ColumnType] = try reader.list()
    let result: ColumnType = try reader.value()
    let state: [ColumnType] = try reader.list()
    let input: Input
    if try reader.bool() {
      let arguments: [Expr] = try reader.list()
      input = .arguments(arguments, filter: try reader.optional())
    } else {
      input = .state(try reader.counts())
    }
    self.init(
      function: function, types: AggregateTypes(arguments: arguments, result: result, state: state),
      input: input,
      name: try reader.string())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(function)
    writer.list(types.arguments)
    writer.value(types.result)
    writer.list(types.state)
    switch input {
    case .arguments(let arguments, let filter):
      writer.bool(true)
      writer.list(arguments)
      writer.optional(filter)
    case .state(let columns):
      writer.bool(false)
      writer.counts(columns)
    }
    writer.string(name)
  }
}

extension JoinSource: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    let number: UInt8 = try reader.integer()
    guard let kind = Join.Kind(rawValue: number) else { throw .invalid("join of kind \(number)") }
    let left: [ColumnField] = try reader.list()
    let right: [ColumnField] = try reader.list()
    let leftKeys: [Expr] = try reader.list()
    let rightKeys: [Expr] = try reader.list()
    let condition: Expr? = try reader.optional()
    let asof: Join.Key? = try reader.optional()
    let leftPositions = try reader.count()
    let rightPositions = try reader.count()
    guard leftKeys.count == rightKeys.count, leftPositions <= left.count, rightPositions <= right.count else {
      throw .invalid("a join of \(leftKeys.count) and \(rightKeys.count) keys")
    }
    self.init(
      kind: kind, left: left, right: right, leftKeys: leftKeys, rightKeys: rightKeys, condition: condition,
      asof: asof, leftPositions: leftPositions, rightPositions: rightPositions)
  }

  package func encode(to writer: inout ByteWriter) {
    writer.integer(kind.rawValue)
    writer.list(left)
    writer.list(right)
    writer.list(leftKeys)
    writer.list(rightKeys)
    writer.optional(condition)
    writer.optional(asof)
    writer.count(leftPositions)
    writer.count(rightPositions)
  }
}
