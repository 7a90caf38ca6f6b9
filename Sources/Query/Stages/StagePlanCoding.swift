// The byte form of stage plans.
import Basics
import Columns
import Wire

extension StagePlan: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    let count = try reader.count()
    var branches: [Branch] = []
    while branches.count < count {
      let source = try Source(from: &reader)
      branches.append(Branch(source: source, steps: try reader.list()))
    }
    let sink = try Sink(from: &reader)
    self.init(branches: branches, sink: sink, session: try reader.value())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.count(branches.count)
    for branch in branches {
      writer.value(branch.source)
      writer.list(branch.steps)
    }
    writer.value(sink)
    writer.value(session)
  }
}

extension SessionContext: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    let now = try reader.signed()
    self.init(now: now, timeZone: try reader.string())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.signed(now)
    writer.string(timeZone)
  }
}

extension NamedExpr: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    let name = try reader.string()
    self.init(name, try reader.value())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(name)
    writer.value(expr)
  }
}

extension SortKey: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    let expr: Expr = try reader.value()
    let isDescending = try reader.bool()
    self.init(expr, isDescending: isDescending, nullsFirst: try reader.bool())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.value(expr)
    writer.bool(isDescending)
    writer.bool(nullsFirst)
  }
}

extension Limit: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    let count = try reader.bool() ? try reader.count() : nil
    self.init(count: count, offset: try reader.count())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.bool(count != nil)
    if let count { writer.count(count) }
    writer.count(offset)
  }
}

extension Join.Key: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    let left: Expr = try reader.value()
    self.init(left, try reader.value())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.value(left)
    writer.value(right)
  }
}

extension Unnest: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    let list: Expr = try reader.value()
    let names = try reader.texts()
    let expandsStructs = try reader.bool()
    let ordinality = try reader.bool() ? try reader.string() : nil
    self.init(
      list: list, names: names, expandsStructs: expandsStructs, ordinality: ordinality,
      isOuter: try reader.bool())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.value(list)
    writer.texts(names)
    writer.bool(expandsStructs)
    writer.bool(ordinality != nil)
    if let ordinality { writer.string(ordinality) }
    writer.bool(isOuter)
  }
}

extension ByteReader {
  mutating func texts() throws(WireError) -> [String] {
    let count = try count()
    var texts: [String] = []
    while texts.count < count { texts.append(try string()) }
    return texts
  }

  mutating func counts() throws(WireError) -> [Int] {
    let count = try count()
    var counts: [Int] = []
    while counts.count < count { counts.append(try self.count()) }
    return counts
  }
}

extension ByteWriter {
  mutating func texts(_ texts: [String]) {
    count(texts.count)
    for text in texts { string(text) }
  }

  mutating func counts(_ counts: [Int]) {
    count(counts.count)
    for value in counts { count(value) }
  }
}
