// The byte form of types and scalar values, for plans on their way to workers.
import Basics

extension ColumnType: WireCodable {
  /// Deeper types in a message are refused: decoding recurses.
  private static let deepest = 100

  public func encode(to writer: inout ByteWriter) {
    switch self {
    case .bool: writer.integer(UInt8(0))
    case .int16: writer.integer(UInt8(1))
    case .int32: writer.integer(UInt8(2))
    case .int64: writer.integer(UInt8(3))
    case .float: writer.integer(UInt8(4))
    case .double: writer.integer(UInt8(5))
    case .decimal(let precision, let scale):
      writer.integer(UInt8(6))
      writer.count(precision)
      writer.count(scale)
    case .string: writer.integer(UInt8(7))
    case .json: writer.integer(UInt8(8))
    case .binary: writer.integer(UInt8(9))
    case .date: writer.integer(UInt8(10))
    case .timestampMillis: writer.integer(UInt8(11))
    case .timestamp: writer.integer(UInt8(12))
    case .timestampTZ: writer.integer(UInt8(13))
    case .interval: writer.integer(UInt8(14))
    case .list(let element):
      writer.integer(UInt8(15))
      element.encode(to: &writer)
    case .structure(let fields):
      writer.integer(UInt8(16))
      writer.list(fields)
    }
  }

  public init(from reader: inout ByteReader) throws(WireError) { try self.init(from: &reader, depth: 0) }

  fileprivate init(from reader: inout ByteReader, depth: Int) throws(WireError) {
    guard depth < Self.deepest else { throw .invalid("a type of over \(Self.deepest) levels") }
    let tag: UInt8 = try reader.integer()
    switch tag {
    case 0: self = .bool
    case 1: self = .int16
    case 2: self = .int32
    case 3: self = .int64
    case 4: self = .float
    case 5: self = .double
    case 6:
      let precision = try reader.count()
      let scale = try reader.count()
      guard (1...38).contains(precision), scale <= precision else {
        throw .invalid("decimal(\(precision),\(scale))")
      }
      self = .decimal(precision: precision, scale: scale)
    case 7: self = .string
    case 8: self = .json
    case 9: self = .binary
    case 10: self = .date
    case 11: self = .timestampMillis
    case 12: self = .timestamp
    case 13: self = .timestampTZ
    case 14: self = .interval
    case 15: self = .list(try ColumnType(from: &reader, depth: depth + 1))
    case 16:
      let count = try reader.count()
      var fields: [ColumnField] = []
      while fields.count < count { fields.append(try ColumnField(from: &reader, depth: depth + 1)) }
      self = .structure(fields)
    default: throw .invalid("type number \(tag)")
    }
  }
}

extension ColumnField: WireCodable {
  public func encode(to writer: inout ByteWriter) {
    writer.string(name)
    writer.value(type)
    writer.bool(nullable)
  }

  public init(from reader: inout ByteReader) throws(WireError) { try self.init(from: &reader, depth: 0) }

  fileprivate init(from reader: inout ByteReader, depth: Int) throws(WireError) {
    let name = try reader.string()
    let type = try ColumnType(from: &reader, depth: depth)
    self.init(name, type, nullable: try reader.bool())
  }
}

extension ScalarValue: WireCodable {
  private static let deepest = 100

  public func encode(to writer: inout ByteWriter) {
    switch self {
    case .null: writer.integer(UInt8(0))
    case .bool(let value):
      writer.integer(UInt8(1))
      writer.bool(value)
    case .int(let value):
      writer.integer(UInt8(2))
      writer.signed(value)
    case .decimal(let value):
      writer.integer(UInt8(3))
      writer.integer(value)
    case .float(let value):
      writer.integer(UInt8(4))
      writer.float(value)
    case .double(let value):
      writer.integer(UInt8(5))
      writer.double(value)
    case .bytes(let value):
      writer.integer(UInt8(6))
      writer.blob(value)
    case .interval(let value):
      writer.integer(UInt8(7))
      writer.integer(value.months)
      writer.integer(value.days)
      writer.integer(value.microseconds)
    case .list(let values):
      writer.integer(UInt8(8))
      writer.list(values)
    case .structure(let values):
      writer.integer(UInt8(9))
      writer.list(values)
    }
  }

  public init(from reader: inout ByteReader) throws(WireError) { try self.init(from: &reader, depth: 0) }

  private init(from reader: inout ByteReader, depth: Int) throws(WireError) {
    guard depth < Self.deepest else { throw .invalid("a value of over \(Self.deepest) levels") }
    let tag: UInt8 = try reader.integer()
    switch tag {
    case 0: self = .null
    case 1: self = .bool(try reader.bool())
    case 2: self = .int(try reader.signed())
    case 3: self = .decimal(try reader.integer())
    case 4: self = .float(try reader.float())
    case 5: self = .double(try reader.double())
    case 6: self = .bytes(try reader.blob())
    case 7:
      let months: Int32 = try reader.integer()
      let days: Int32 = try reader.integer()
      self = .interval(Interval(months: months, days: days, microseconds: try reader.integer()))
    case 8, 9:
      let count = try reader.count()
      var values: [ScalarValue] = []
      while values.count < count { values.append(try ScalarValue(from: &reader, depth: depth + 1)) }
      self = tag == 8 ? .list(values) : .structure(values)
    default: throw .invalid("value number \(tag)")
    }
  }
}
