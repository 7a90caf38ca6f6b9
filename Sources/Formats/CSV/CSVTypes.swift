import CKernels
import Columns

/// The types of the columns of a CSV file, found in its first records.
enum CSVTypes {
  private struct Kinds: OptionSet {
    let rawValue: UInt16
    static let bool = Kinds(rawValue: 1)
    static let integer = Kinds(rawValue: 2)
    /// Over 64 bits, up to 38 digits.
    static let long = Kinds(rawValue: 4)
    static let number = Kinds(rawValue: 8)
    /// NaN and infinities.
    static let word = Kinds(rawValue: 16)
    static let date = Kinds(rawValue: 32)
    static let time = Kinds(rawValue: 64)
    static let instant = Kinds(rawValue: 128)
    static let text = Kinds(rawValue: 256)

    var type: SampledType {
      switch self {
      case []: .unknown
      case .bool: .scalar(.bool)
      case .integer: .scalar(.int64)
      case .long, [.integer, .long]: .scalar(.decimal(precision: 38, scale: 0))
      case .date: .scalar(.date)
      case .time, [.date, .time]: .scalar(.timestamp)
      case .instant: .scalar(.timestampTZ)
      case .word: .scalar(.string)
      default:
        isSubset(of: [.integer, .long, .number, .word]) ? .scalar(.double) : .scalar(.string)
      }
    }
  }

  /// - Parameter text: The beginning of the file.
  static func columns(_ text: [UInt8], isWhole: Bool, _ layout: CSVLayout, _ options: FileTableOptions) throws
    -> [SampledColumn]
  {
    let style = TextStyle.csv(layout.dialect, null: Array((options.csv.null ?? "").utf8))
    let fields = layout.names.map { ColumnField($0, .string, nullable: true) }
    var kinds = [Kinds](repeating: [], count: fields.count)
    try forEachBatch(text, isWhole: isWhole, layout, fields) { columns, base, rows in
      for column in fields.indices where !kinds[column].contains(.text) {
        for row in 0..<rows {
          let cell = columns.cells[column * columns.capacity + row]
          if style.isNull(cell, base, isText: false) { continue }
          kinds[column].formUnion(kind(base + Int(cell.start), cell.count))
        }
      }
    }
    return zip(layout.names, kinds).map { SampledColumn(name: $0, type: $1.type) }
  }

  /// - Parameter body: Takes the cells, their base, and the number of records.
  static func forEachBatch(
    _ text: [UInt8], isWhole: Bool, _ layout: CSVLayout, _ fields: [ColumnField],
    _ body: (RecordColumns, UnsafePointer<UInt8>, Int) throws -> Void
  ) throws {
    let source = MemorySource(Array(text.dropFirst(Int(layout.start))))
    let buffer = RecordBuffer(source, uri: "", offset: 0, longest: max(64, text.count) + 1, isCut: !isWhole)
    let columns = RecordColumns(
      fields, .csv(layout.dialect, null: []), capacity: 1024, file: "", lines: 0)
    do {
      try CSVScan(layout, fields).run(buffer, into: columns) { scan, _ in
        try body(columns, buffer.base, scan.records)
      }
    } catch is RecordBuffer.Cut {
      // The last record of the sample is not whole.
    }
  }

  /// The type of one value.
  static func type(_ start: UnsafePointer<UInt8>, _ count: Int) -> SampledType { kind(start, count).type }

  /// The type that a value looks like. Numbers with leading zeros or a plus sign are names of things.
  private static func kind(_ first: UnsafePointer<UInt8>, _ count: Int) -> Kinds {
    var start = first
    var end = first + count
    TextNumber.trim(&start, &end)
    guard start < end else { return .text }
    let byte = start.pointee
    let digits = byte == UInt8(ascii: "-") ? start + 1 : start
    let length = end - start
    if byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") {
      if let time = TextTime(start, length) {
        return time.hasTime ? (time.zone == nil ? .time : .instant) : .date
      }
      let isPadded = end - digits > 1 && digits[0] == UInt8(ascii: "0") && digits[1] &- UInt8(ascii: "0") < 10
      if isPadded { return .text }
      if TextNumber.int64(start, length) != nil { return .integer }
      let isWhole = UnsafeBufferPointer(start: digits, count: end - digits).allSatisfy {
        $0 &- UInt8(ascii: "0") < 10
      }
      if isWhole, end - digits <= 38, end > digits { return .long }
      guard let value = TextNumber.double(start, length) else { return .text }
      return value.isFinite ? .number : .word
    }
    switch TextWord.lowercased(start, length) {
    case "true", "false": return .bool
    case "nan", "inf", "infinity": return .word
    default: return .text
    }
  }
}

/// Bytes in memory.
final class MemorySource: ByteSource {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var bytesConsumed: Int64 { Int64(position) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let part = bytes[position..<min(bytes.count, position + buffer.count)]
    buffer.copyBytes(from: part)
    position += part.count
    return part.count
  }
}
