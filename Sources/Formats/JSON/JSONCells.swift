import Basics
import CKernels
import Columns

/// Finds the values of wanted keys in JSON objects.
struct JSONCells {
  private let names: [String]
  /// The column that the next key probably belongs to: objects tend to have their keys in one order.
  private var next = 0

  init(_ names: [String]) { self.names = names }

  /// Writes the cells of an object that begins at the scanner's position; the scanner stands behind it then.
  /// - Parameters:
  ///   - start: Offset of the scanner's text from the cells' base.
  ///   - cells: The cell of column c is at `c * stride`. Columns without a key become null.
  mutating func find(
    _ scanner: inout JSONScanner, start: Int, cells: UnsafeMutablePointer<swiftlet_cell>, stride: Int
  ) throws {
    for column in names.indices {
      cells[column * stride] = swiftlet_cell(start: 0, length: swiftlet_cell.null)
    }
    try scanner.object { scanner, name in
      let column = try column(scanner, name)
      let from = scanner.position
      let isString = scanner.peek == UInt8(ascii: "\"")
      let isNull = scanner.peek == UInt8(ascii: "n")
      try scanner.skipValue(depth: 1)
      // The last of equal keys counts, as everywhere in JSON.
      guard let column else { return }
      let edge = isString ? 1 : 0
      let range = from + edge..<scanner.position - edge
      var flags: UInt32 = isNull ? swiftlet_cell.null : 0
      if isString {
        let isEscaped = scanner.bytes[range].contains(UInt8(ascii: "\\"))
        flags = swiftlet_cell.quoted | (isEscaped ? swiftlet_cell.escaped : 0)
      }
      cells[column * stride] = swiftlet_cell(
        start: UInt32(start + range.lowerBound), length: UInt32(isNull ? 0 : range.count) | flags)
    }
  }

  private mutating func column(_ scanner: JSONScanner, _ name: Range<Int>) throws -> Int? {
    guard !names.isEmpty else { return nil }
    let key = try scanner.decoded(name)
    for step in names.indices {
      let index = (next + step) % names.count
      if names[index].hasSameBytes(as: key) {
        next = index + 1
        return index
      }
    }
    return nil
  }
}

// Values of any type, one by one.
extension JSONCells {
  /// Whether the text is one JSON value.
  static func isValue(_ text: UnsafeRawBufferPointer) -> Bool {
    var scanner = JSONScanner(text)
    scanner.skipSpace()
    do {
      try scanner.skipValue()
      try scanner.end()
      return true
    } catch {
      return false
    }
  }

  /// Appends exactly one value, a null if it does not fit.
  /// - Parameter raw: A JSON value.
  /// - Returns: Whether it fits.
  static func append(_ raw: UnsafeRawBufferPointer, _ type: ColumnType, to builder: inout ColumnBuilder)
    -> Bool
  {
    var scanner = JSONScanner(raw)
    do {
      return try append(&scanner, type, to: &builder, depth: 0)
    } catch {
      return false
    }
  }

  /// Throws only for text that is no JSON, before anything is appended.
  private static func append(
    _ scanner: inout JSONScanner, _ type: ColumnType, to builder: inout ColumnBuilder, depth: Int
  ) throws -> Bool {
    let start = scanner.position
    let first = scanner.peek
    try scanner.skipValue(depth: depth)
    let raw = UnsafeRawBufferPointer(rebasing: scanner.bytes[start..<scanner.position])
    if first == UInt8(ascii: "n") {
      builder.appendNull()
      return true
    }
    var inner = JSONScanner(raw)
    var fits = true
    switch type {
    case .list(let element) where first == UInt8(ascii: "["):
      try builder.appendList { elements in
        try inner.array { fits = try append(&$0, element, to: &elements, depth: depth + 1) && fits }
      }
    case .structure(let fields) where first == UInt8(ascii: "{"):
      var ranges = [Range<Int>?](repeating: nil, count: fields.count)
      try inner.object { scanner, name in
        let from = scanner.position
        try scanner.skipValue(depth: depth + 1)
        guard let key = try? scanner.decoded(name) else {
          fits = false
          return
        }
        if let index = fields.firstIndex(where: { $0.name.hasSameBytes(as: key) }) {
          ranges[index] = from..<scanner.position
        }
      }
      builder.appendStructure { builders in
        for (index, range) in ranges.enumerated() {
          if let range {
            let value = UnsafeRawBufferPointer(rebasing: raw[range])
            fits = append(value, fields[index].type, to: &builders[index]) && fits
          } else {
            builders[index].appendNull()
          }
        }
      }
    case .list, .structure, .interval:
      builder.appendNull()
      return false
    default:
      // As a column of one row: the rules are the same for values inside of others.
      let isString = first == UInt8(ascii: "\"")
      let edge = isString ? 1 : 0
      let isEscaped = isString && raw.contains(UInt8(ascii: "\\"))
      var cell = swiftlet_cell(
        start: UInt32(edge),
        length: UInt32(raw.count - 2 * edge) | (isString ? swiftlet_cell.quoted : 0)
          | (isEscaped ? swiftlet_cell.escaped : 0))
      var values = CellColumn(ColumnField("", type, nullable: true), .json)
      guard let base = raw.assumingMemoryBound(to: UInt8.self).baseAddress else { return false }
      let column = values.column(&cell, rows: 1, base: base)
      guard values.misfits.isEmpty, builder.append(column.scalar(0, type)) else {
        builder.appendNull()
        return false
      }
    }
    return fits
  }
}
