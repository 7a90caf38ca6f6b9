import Basics
import Columns

/// Lines of JSON objects on their way into columns. A missing key is null; other keys are not decoded.
struct JSONLinesRows {
  private var builders: [ColumnBuilder]
  /// The column that the next key probably belongs to: lines tend to have their keys in one order.
  private var next = 0
  /// For each column the raw value in the current line.
  private var values: [Range<Int>?]
  private(set) var rows = 0

  init(_ columns: [ColumnField]) {
    builders = columns.map { ColumnBuilder($0) }
    values = columns.map { _ in nil }
  }

  /// - Throws: ``JSONFault``; nothing is added then.
  mutating func add(_ line: UnsafeRawBufferPointer) throws {
    for index in values.indices { values[index] = nil }
    var scanner = JSONScanner(line)
    scanner.skipSpace()
    try scanner.object { scanner, name in
      let start = scanner.position
      try scanner.skipValue(depth: 1)
      // The last of equal keys counts, as everywhere in JSON.
      if let column = try column(scanner, name) { values[column] = start..<scanner.position }
    }
    try scanner.end()
    // Checked before anything is appended, so that columns stay of one length.
    for (index, value) in values.enumerated() { try check(index, line, value) }
    for (index, value) in values.enumerated() { try append(index, line, value) }
    rows += 1
  }

  mutating func take() -> ColumnBatch {
    let columns = builders.indices.map { builders[$0].take() }
    defer { rows = 0 }
    return ColumnBatch(fields: builders.map(\.field), columns: columns, rows: rows)
  }

  private mutating func column(_ scanner: JSONScanner, _ name: Range<Int>) throws -> Int? {
    let key = try scanner.decoded(name)
    for step in builders.indices {
      let index = (next + step) % builders.count
      if builders[index].field.name.hasSameBytes(as: key) {
        next = index + 1
        return index
      }
    }
    return nil
  }

  private func check(_ index: Int, _ line: UnsafeRawBufferPointer, _ value: Range<Int>?) throws {
    guard let value else { return }
    let first = line[value.lowerBound]
    let field = builders[index].field
    var scanner = JSONScanner(UnsafeRawBufferPointer(rebasing: line[value]))
    func unfit() -> JSONFault {
      JSONScanner(line).fault(
        "column '\(field.name)': expected \(field.type.name), found "
          + Excerpt.text(line[value], atMost: 40), at: value.lowerBound)
    }
    if first == UInt8(ascii: "n") { return }
    switch field.type {
    case .bool where first == UInt8(ascii: "t") || first == UInt8(ascii: "f"): return
    case .string:
      if first == UInt8(ascii: "\"") { _ = try scanner.decoded(try scanner.string()) }
    case .int64, .double:
      guard first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10 else { throw unfit() }
      switch (field.type, try scanner.scalar()) {
      case (.int64, .integer), (.double, .integer), (.double, .number), (.double, .unsigned): return
      default: throw unfit()
      }
    default: throw unfit()
    }
  }

  private mutating func append(_ index: Int, _ line: UnsafeRawBufferPointer, _ value: Range<Int>?) throws {
    guard let value, line[value.lowerBound] != UInt8(ascii: "n") else { return builders[index].appendNull() }
    let raw = UnsafeRawBufferPointer(rebasing: line[value])
    var scanner = JSONScanner(raw)
    guard builders[index].field.type != .string else {
      // A value that is no string stays as JSON text.
      guard raw.first == UInt8(ascii: "\"") else { return builders[index].append(raw) }
      var text = try scanner.decoded(try scanner.string())
      return text.withUTF8 { builders[index].append(UnsafeRawBufferPointer($0)) }
    }
    switch (try scanner.scalar(), builders[index].field.type) {
    case (.bool(let value), _): builders[index].append(value)
    case (.integer(let value), .double): builders[index].append(Double(value))
    case (.integer(let value), _): builders[index].append(value)
    case (.unsigned(let value), _): builders[index].append(Double(value))
    case (.number(let value), _): builders[index].append(value)
    case (.null, _): builders[index].appendNull()
    }
  }
}
