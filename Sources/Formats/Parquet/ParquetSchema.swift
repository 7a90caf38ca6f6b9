import Columns

/// How values of a physical type are converted to a `ColumnType`.
enum ParquetConversion: Hashable {
  case bool, int32, int64, float, double, string, binary
  /// INT32 bits as an unsigned integer.
  case uint32
  /// INT64 bits as an unsigned integer; values above 2⁶³ − 1 are an error.
  case uint64
  /// Days since 1970, converted to midnight UTC.
  case date
  case timestamp(ParquetTimeUnit)
  /// Divided by a power of ten.
  case decimal(scale: Int32)
  case float16
  /// 16 bytes, converted to the text form of RFC 9562.
  case uuid

  var columnType: ColumnType {
    switch self {
    case .bool: .bool
    case .int32: .int32
    case .int64, .uint32, .uint64: .int64
    case .float, .float16: .float
    case .double, .decimal: .double
    case .string, .uuid: .string
    case .binary: .binary
    case .date, .timestamp: .timestampMillis
    }
  }
}

/// A column of a flat schema.
struct ParquetLeaf {
  let name: String
  /// Index of its chunk in every row group.
  let index: Int
  let physical: ParquetPhysicalType
  /// Length in bytes of a FIXED_LEN_BYTE_ARRAY value.
  let typeLength: Int
  let nullable: Bool
  let conversion: ParquetConversion

  var field: ColumnField { ColumnField(name, conversion.columnType, nullable: nullable) }
}

/// The top-level columns of a schema: those that can be read, and why the others cannot.
struct ParquetSchema {
  private(set) var leaves: [ParquetLeaf] = []
  private(set) var unsupported: [(name: String, reason: String)] = []
  /// Number of column chunks in every row group.
  private(set) var chunks = 0

  /// - Parameter elements: The schema as stored in the footer: a tree in depth-first order.
  init(_ elements: [ParquetSchemaElement]) throws {
    guard let root = elements.first, let children = root.children, children >= 0 else {
      throw ParquetFault.corrupt("the schema has no root")
    }
    var next = 1
    for _ in 0..<children {
      guard next < elements.count else { throw ParquetFault.corrupt("the schema ends in the middle") }
      let first = next
      let element = elements[next]
      let firstChunk = chunks
      let isGroup = try skipTree(elements, &next)
      if isGroup {
        let type = ParquetSchema.typeName(elements[first..<next])
        unsupported.append((element.name, "its type, \(type), is nested, which is not supported"))
      } else {
        try add(element, index: firstChunk)
      }
    }
    guard next == elements.count else {
      throw ParquetFault.corrupt("the schema has elements outside its tree")
    }
  }

  /// Advances `next` past an element and all its descendants, counting chunks. Iterative, because the file determines the
  /// depth.
  private mutating func skipTree(_ elements: [ParquetSchemaElement], _ next: inout Int) throws -> Bool {
    let first = next
    var pending = 1
    while pending > 0 {
      guard next < elements.count else { throw ParquetFault.corrupt("the schema ends in the middle") }
      let below = Int(elements[next].children ?? 0)
      guard below >= 0, below <= elements.count else {
        throw ParquetFault.corrupt("column '\(elements[next].name)' has \(below) children")
      }
      // A group has children and no type; only a leaf column has a chunk.
      if elements[next].type != nil {
        guard below == 0 else {
          throw ParquetFault.corrupt("column '\(elements[next].name)' has a type and children")
        }
        chunks += 1
      }
      pending += below - 1
      next += 1
    }
    return elements[first].type == nil
  }

  private mutating func add(_ element: ParquetSchemaElement, index: Int) throws {
    let name = element.name
    guard let physical = ParquetPhysicalType(rawValue: element.type ?? -1) else {
      throw ParquetFault.corrupt("column '\(name)' has an unknown type")
    }
    let length = Int(element.typeLength ?? 0)
    if physical == .fixedLenByteArray, length <= 0 {
      throw ParquetFault.corrupt("column '\(name)' has values of \(length) bytes")
    }
    switch element.repetition {
    case .required, .optional:
      do {
        let conversion = try ParquetConversion(element, physical)
        leaves.append(
          ParquetLeaf(
            name: name, index: index, physical: physical, typeLength: length,
            nullable: element.repetition == .optional, conversion: conversion))
      } catch ParquetFault.unsupported(let reason) {
        unsupported.append((name, reason))
      }
    case .repeated:
      let type = ParquetSchema.typeName([element])
      unsupported.append((name, "its type, list<\(type)>, is nested, which is not supported"))
    case nil: throw ParquetFault.corrupt("column '\(name)' is neither required nor optional")
    }
  }
}

extension ParquetConversion {
  /// LogicalType is more specific than ConvertedType and takes precedence. Types that only describe the meaning of the bytes
  /// (JSON, ENUM, TIME) leave the physical type unchanged.
  init(_ element: ParquetSchemaElement, _ physical: ParquetPhysicalType) throws {
    switch physical {
    case .boolean: self = .bool
    case .float: self = .float
    case .double: self = .double
    case .int96: self = .timestamp(.millis)
    case .int32: self = try Self.integer32(element)
    case .int64: self = try Self.integer64(element)
    case .byteArray: self = try Self.decimal(element) ?? Self.text(element)
    case .fixedLenByteArray:
      switch element.logical {
      case .float16 where element.typeLength == 2: self = .float16
      case .uuid where element.typeLength == 16: self = .uuid
      default:
        if element.converted == .interval { throw ParquetFault.unsupported("intervals are not supported") }
        self = try Self.decimal(element) ?? Self.text(element)
      }
    }
  }

  /// Returns the text conversion if the file marks the column as text.
  private static func text(_ element: ParquetSchemaElement) -> ParquetConversion {
    switch (element.logical, element.converted) {
    case (.string, _), (.enumeration, _), (.json, _), (nil, .utf8), (nil, .enumeration), (nil, .json): .string
    default: .binary
    }
  }

  private static func decimal(_ element: ParquetSchemaElement) throws -> ParquetConversion? {
    var scale = element.scale
    if case .decimal(let logicalScale) = element.logical {
      scale = logicalScale
    } else if element.converted != .decimal {
      return nil
    }
    guard (0...1000).contains(scale) else {
      throw ParquetFault.corrupt("column '\(element.name)' is a decimal of scale \(scale)")
    }
    return .decimal(scale: scale)
  }

  private static func integer32(_ element: ParquetSchemaElement) throws -> ParquetConversion {
    if let decimal = try decimal(element) { return decimal }
    switch (element.logical, element.converted) {
    case (.date, _), (nil, .date): return .date
    case (.integer(bits: 32, signed: false), _), (nil, .uint32): return .uint32
    default: return .int32
    }
  }

  private static func integer64(_ element: ParquetSchemaElement) throws -> ParquetConversion {
    if let decimal = try decimal(element) { return decimal }
    switch (element.logical, element.converted) {
    case (.timestamp(let unit), _): return .timestamp(unit)
    case (nil, .timestampMillis): return .timestamp(.millis)
    case (nil, .timestampMicros): return .timestamp(.micros)
    case (.integer(bits: 64, signed: false), _), (nil, .uint64): return .uint64
    default: return .int64
    }
  }
}
