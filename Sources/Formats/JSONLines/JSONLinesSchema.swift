import Basics
import Columns

/// The columns of JSON Lines, found by looking at the first lines: the union of their keys, in the order in which they appear.
struct JSONLinesSchema {
  /// What values of a key have been seen.
  private struct Kinds: OptionSet {
    let rawValue: UInt8
    static let bool = Kinds(rawValue: 1)
    static let integer = Kinds(rawValue: 2)
    static let number = Kinds(rawValue: 4)
    static let string = Kinds(rawValue: 8)
    /// Objects, arrays, and integers over 63 bits.
    static let other = Kinds(rawValue: 16)

    /// Values of mixed kinds become JSON text.
    var type: ColumnType {
      switch self {
      case .bool: .bool
      case .integer: .int64
      case .number, [.integer, .number]: .double
      default: .string
      }
    }
  }

  private var names: [String] = []
  private var kinds: [ExactName: Kinds] = [:]

  var fields: [ColumnField] {
    names.map { ColumnField($0, (kinds[ExactName($0)] ?? []).type, nullable: true) }
  }

  /// Takes in the keys of a line.
  mutating func add(_ line: UnsafeRawBufferPointer) throws {
    var scanner = JSONScanner(line)
    scanner.skipSpace()
    try scanner.object { scanner, name in
      let key = ExactName(try scanner.decoded(name))
      if kinds[key] == nil {
        names.append(key.text)
        kinds[key] = []
      }
      let found = try JSONLinesSchema.kind(&scanner)
      kinds[key]?.formUnion(found)
    }
    try scanner.end()
  }

  private static func kind(_ scanner: inout JSONScanner) throws -> Kinds {
    switch scanner.peek {
    case UInt8(ascii: "\""):
      _ = try scanner.string()
      return .string
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      try scanner.skipValue(depth: 1)
      return .other
    default:
      switch try scanner.scalar() {
      case .null: return []
      case .bool: return .bool
      case .integer: return .integer
      case .number: return .number
      case .unsigned: return .other
      }
    }
  }
}
