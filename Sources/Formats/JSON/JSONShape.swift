import Basics
import Columns

/// The types of the values of JSON objects.
enum JSONShape {
  /// Adds the members of an object that begins at the scanner's position.
  static func add(_ scanner: inout JSONScanner, to columns: inout [SampledColumn]) throws {
    guard case .structure(let found) = try type(&scanner, depth: 0) else {
      throw scanner.fault("expected an object")
    }
    columns = SampledColumn.union(columns, found)
  }

  private static func type(_ scanner: inout JSONScanner, depth: Int) throws -> SampledType {
    try scanner.checkDepth(depth)
    switch scanner.peek {
    case UInt8(ascii: "\""):
      _ = try scanner.string()
      return .scalar(.string)
    case UInt8(ascii: "["):
      var element = SampledType.unknown
      try scanner.array { element = element.union(try type(&$0, depth: depth + 1)) }
      return .list(element)
    case UInt8(ascii: "{"):
      var columns: [SampledColumn] = []
      try scanner.object { scanner, name in
        let member = SampledColumn(
          name: try scanner.decoded(name), type: try type(&scanner, depth: depth + 1))
        columns = SampledColumn.union(columns, [member])
      }
      return .structure(columns)
    default:
      let start = scanner.position
      switch try scanner.scalar() {
      case .null: return .unknown
      case .bool: return .scalar(.bool)
      case .integer: return .scalar(.int64)
      case .unsigned: return .scalar(.decimal(precision: 38, scale: 0))
      case .number:
        let text = scanner.bytes[start..<scanner.position]
        let isWhole = text.allSatisfy { $0 == UInt8(ascii: "-") || $0 &- UInt8(ascii: "0") < 10 }
        return .scalar(isWhole && text.count <= 38 ? .decimal(precision: 38, scale: 0) : .double)
      }
    }
  }
}
