// Values of any type that has an order, as numbers or bytes with the same order: NaN above all numbers, −0 equal to 0, text by its
// bytes, intervals by their length.
import Columns

enum OrderKeys {
  case narrow([Int64])
  case wide([Int128])
  case bytes(StringColumn)

  /// Whether ``init(_:)`` has keys for the type.
  static func exist(for type: ColumnType) -> Bool { !type.isNested }

  /// The type of a column that holds the keys of values of a type.
  static func columnType(for type: ColumnType) -> ColumnType {
    switch type.storage {
    case .int128, .interval: .decimal(precision: 38, scale: 0)
    case .bytes: .binary
    default: .int64
    }
  }

  init(_ column: Column) throws(QueryError) {
    switch column.values {
    case .bool(let values): self = .narrow(values.map { $0 ? 1 : 0 })
    case .int32(let values): self = .narrow(values.map { Int64($0) })
    case .int64(let values): self = .narrow(values)
    case .int128(let values): self = .wide(values)
    case .float(let values): self = .narrow(values.map { Self.key(Double($0)) })
    case .double(let values): self = .narrow(values.map { Self.key($0) })
    case .interval(let values): self = .wide(values.map { $0.span })
    case .bytes(let strings): self = .bytes(strings)
    case .dictionary(let column): self = .bytes(column.decoded())
    case .list, .structure: throw QueryError("values stored as \(column.values.storage) have no order")
    }
  }

  @inline(__always)
  static func key(_ value: Double) -> Int64 {
    Int64(bitPattern: OrderedBits.of(value) ^ 1 << 63)
  }

  var column: Column {
    switch self {
    case .narrow(let keys): Column(.int64(keys))
    case .wide(let keys): Column(.int128(keys))
    case .bytes(let keys): Column(.bytes(keys))
    }
  }

  /// The numbers, sorted by key; equal keys stay in order.
  func sorted(_ numbers: [UInt32]) -> [UInt32] {
    func sort<Key: Comparable>(_ key: (Int) -> Key) -> [UInt32] {
      var pairs: [(key: Key, number: UInt32)] = numbers.map { (key(Int($0)), $0) }
      pairs.sort { a, b in a.key < b.key || a.key == b.key && a.number < b.number }
      return pairs.map(\.number)
    }
    switch self {
    case .narrow(let keys): return sort { keys[$0] }
    case .wide(let keys): return sort { keys[$0] }
    case .bytes(let keys): return sort { keys.key($0) }
    }
  }

  func equal(_ a: UInt32, _ b: UInt32) -> Bool {
    switch self {
    case .narrow(let keys): keys[Int(a)] == keys[Int(b)]
    case .wide(let keys): keys[Int(a)] == keys[Int(b)]
    case .bytes(let keys): keys.key(Int(a)) == keys.key(Int(b))
    }
  }
}

/// Some bytes, compared as unsigned.
struct BytesKey: Comparable {
  let bytes: ArraySlice<UInt8>

  static func < (a: BytesKey, b: BytesKey) -> Bool { compare(a.bytes, b.bytes) < 0 }

  static func == (a: BytesKey, b: BytesKey) -> Bool { a.bytes.elementsEqual(b.bytes) }

  static func compare(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Int {
    a.withUnsafeBytes { a in b.withUnsafeBytes { b in ByteText.compare(a, b) } }
  }
}

extension StringColumn {
  func key(_ row: Int) -> BytesKey { BytesKey(bytes: bytes[offsets[row]..<offsets[row + 1]]) }
}
