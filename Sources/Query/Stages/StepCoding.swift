// The byte form of pipeline steps and sinks.
import Basics
import Columns
import Wire

extension PipelineStep: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    let kind: UInt8 = try reader.integer()
    switch kind {
    case 0: self = .filter(try reader.value())
    case 1: self = .project(try reader.list())
    case 2: self = .unnest(try reader.value())
    case 3:
      let groups = try reader.counts()
      let count = try reader.count()
      var sets: [[Int]] = []
      while sets.count < count { sets.append(try reader.counts()) }
      self = .expand(Expand(groups: groups, sets: sets))
    case 4:
      let join: JoinSource = try reader.value()
      self = .lookup(Lookup(join: join, table: try reader.value(SelfDescribedBatch.self).batch))
    case 5: self = .limit(try reader.value())
    case 6:
      let keys: [SortKey] = try reader.list()
      self = .top(keys, count: try reader.count())
    case 7: self = .number
    default: throw .invalid("step of kind \(kind)")
    }
  }

  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .filter(let condition):
      writer.integer(UInt8(0))
      writer.value(condition)
    case .project(let columns):
      writer.integer(UInt8(1))
      writer.list(columns)
    case .unnest(let unnest):
      writer.integer(UInt8(2))
      writer.value(unnest)
    case .expand(let expand):
      writer.integer(UInt8(3))
      writer.counts(expand.groups)
      writer.count(expand.sets.count)
      for set in expand.sets { writer.counts(set) }
    case .lookup(let lookup):
      writer.integer(UInt8(4))
      writer.value(lookup.join)
      writer.value(SelfDescribedBatch(lookup.table))
    case .limit(let limit):
      writer.integer(UInt8(5))
      writer.value(limit)
    case .top(let keys, let count):
      writer.integer(UInt8(6))
      writer.list(keys)
      writer.count(count)
    case .number: writer.integer(UInt8(7))
    }
  }
}

extension Sink: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    let kind: UInt8 = try reader.integer()
    switch kind {
    case 0: self = .result
    case 1: self = .shuffle(keys: try reader.list())
    case 2: self = .aggregate(try reader.value())
    case 3: self = .file(try reader.value())
    default: throw .invalid("sink of kind \(kind)")
    }
  }

  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .result: writer.integer(UInt8(0))
    case .shuffle(let keys):
      writer.integer(UInt8(1))
      writer.list(keys)
    case .aggregate(let groupBy):
      writer.integer(UInt8(2))
      writer.value(groupBy)
    case .file(let file):
      writer.integer(UInt8(3))
      writer.value(file)
    }
  }
}
