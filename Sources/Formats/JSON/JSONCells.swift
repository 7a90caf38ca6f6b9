import Basics
import CKernels
import Columns

/// Finds the values of wanted keys in JSON objects.
final class JSONCells {
  private let names: [String]
  /// The names for the scanner in C.
  private let keys: UnsafeMutableBufferPointer<swiftlet_json_key>
  private let text: UnsafeMutableBufferPointer<UInt8>

  init(_ names: [String]) {
    self.names = names
    let bytes = names.flatMap { Array($0.utf8) }
    // Never empty, so that there is an address.
    text = .allocate(capacity: bytes.count + 1)
    _ = text.initialize(from: bytes + [0])
    keys = .allocate(capacity: names.count + 1)
    keys.initialize(repeating: swiftlet_json_key(bytes: nil, length: 0))
    var start = 0
    for (index, name) in names.enumerated() {
      let count = name.utf8.count
      keys[index] = swiftlet_json_key(
        bytes: text.baseAddress.map { UnsafePointer($0 + start) }, length: UInt32(count))
      start += count
    }
  }

  deinit {
    keys.deallocate()
    text.deallocate()
  }

  /// Writes the cells of the object that is the text `base[range]`.
  /// - Parameters:
  ///   - base: Readable for 64 bytes past the range.
  ///   - cells: The cell of column c is at `c * stride`. Columns without a key become null.
  /// - Throws: ``JSONFault`` for text that is no JSON object.
  func find(
    _ base: UnsafePointer<UInt8>, _ range: Range<Int>, cells: UnsafeMutablePointer<swiftlet_cell>, stride: Int
  ) throws {
    guard let keys = keys.baseAddress else { return }
    if swiftlet_json_line(
      base, range.lowerBound, range.upperBound, keys, UInt32(names.count), cells, stride)
    {
      return
    }
    for column in names.indices {
      cells[column * stride] = swiftlet_cell(start: 0, length: swiftlet_cell.null)
    }
    var scanner = JSONScanner(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    scanner.skipSpace()
    try scanner.object { scanner, name in
      let column = column(scanner, name)
      let from = scanner.position
      let isString = scanner.peek == UInt8(ascii: "\"")
      let isNull = scanner.peek == UInt8(ascii: "n")
      try scanner.skipValue(depth: 1)
      // The last of equal keys counts, as everywhere in JSON.
      guard let column else { return }
      let edge = isString ? 1 : 0
      let value = from + edge..<scanner.position - edge
      var flags: UInt32 = isNull ? swiftlet_cell.null : 0
      if isString {
        let isEscaped = scanner.bytes[value].contains(UInt8(ascii: "\\"))
        flags = swiftlet_cell.quoted | (isEscaped ? swiftlet_cell.escaped : 0)
      }
      cells[column * stride] = swiftlet_cell(
        start: UInt32(range.lowerBound + value.lowerBound), length: UInt32(isNull ? 0 : value.count) | flags)
    }
    try scanner.end()
  }

  /// nil for other keys, and for keys that are no text.
  private func column(_ scanner: JSONScanner, _ name: Range<Int>) -> Int? {
    guard !names.isEmpty, let key = try? scanner.decoded(name) else { return nil }
    return names.firstIndex { $0.hasSameBytes(as: key) }
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
