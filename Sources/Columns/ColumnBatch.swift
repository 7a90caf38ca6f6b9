import Basics

/// The type of a column in memory. Parquet's many physical and logical types map to these.
package enum ColumnType: String, Hashable, Sendable {
  case bool, int32, int64, float, double, string
  /// Bytes that are not necessarily text.
  case binary
  /// Milliseconds since 1970 UTC, as an int64.
  case timestampMillis
}

package struct ColumnField: Hashable, Sendable {
  package var name: String
  package var type: ColumnType
  package var nullable: Bool

  package init(_ name: String, _ type: ColumnType, nullable: Bool = false) {
    self.name = name
    self.type = type
    self.nullable = nullable
  }

  package static func == (a: ColumnField, b: ColumnField) -> Bool {
    a.name.hasSameBytes(as: b.name) && a.type == b.type && a.nullable == b.nullable
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(ExactName(name))
    hasher.combine(type)
    hasher.combine(nullable)
  }
}

extension [ColumnField] {
  /// The first field with the given name, or nil. Names are compared byte by byte.
  package func field(named name: String) -> ColumnField? { first { $0.name.hasSameBytes(as: name) } }
}

/// Strings stored end to end in UTF-8; string i is `bytes[offsets[i]..<offsets[i + 1]]`.
package struct StringColumn: Hashable, Sendable {
  /// One more offset than there are strings; the first is 0.
  package var offsets: [Int] = [0]
  package var bytes: [UInt8] = []

  package init() {}

  package init(_ strings: some Sequence<String>) {
    for string in strings { append(string) }
  }

  package init<Bytes: Sequence<UInt8>>(bytes strings: some Sequence<Bytes>) {
    for string in strings {
      bytes.append(contentsOf: string)
      offsets.append(bytes.count)
    }
  }

  package var count: Int { offsets.count - 1 }

  package mutating func append(_ string: String) {
    bytes.append(contentsOf: string.utf8)
    offsets.append(bytes.count)
  }

  package mutating func append(_ utf8: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: utf8)
    offsets.append(bytes.count)
  }

  package subscript(index: Int) -> String {
    String(decoding: bytes[offsets[index]..<offsets[index + 1]], as: UTF8.self)
  }
}

extension StringColumn {
  /// Whether each string from index `first` on is valid UTF-8 by itself: all bytes together are valid, and no string begins
  /// inside a character.
  package func isUTF8(from first: Int) -> Bool {
    let start = offsets[first]
    return bytes.withUnsafeBufferPointer { all in
      let text = UnsafeBufferPointer(rebasing: all[start...])
      // Eight bytes at a time: most text is ASCII, and then no further check is needed.
      let raw = UnsafeRawBufferPointer(text)
      var high: UInt64 = 0
      var index = 0
      while index + 8 <= raw.count {
        high |= raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        index += 8
      }
      while index < raw.count {
        high |= UInt64(raw[index])
        index += 1
      }
      if high & 0x8080_8080_8080_8080 == 0 { return true }
      guard (try? UTF8Span(validating: text.span)) != nil else { return false }
      return offsets[first...].allSatisfy { $0 == all.count || all[$0] & 0xc0 != 0x80 }
    }
  }
}

package enum ColumnValues: Hashable, Sendable {
  case bool([Bool])
  case int32([Int32])
  case int64([Int64])
  case float([Float])
  case double([Double])
  case string(StringColumn)
  case binary(StringColumn)
  case timestampMillis([Int64])

  package var count: Int {
    switch self {
    case .bool(let values): values.count
    case .int32(let values): values.count
    case .int64(let values), .timestampMillis(let values): values.count
    case .float(let values): values.count
    case .double(let values): values.count
    case .string(let values), .binary(let values): values.count
    }
  }
}

extension ColumnValues {
  /// The values of a string or binary column.
  package var strings: StringColumn? {
    switch self {
    case .string(let strings), .binary(let strings): strings
    default: nil
    }
  }

  package var type: ColumnType {
    switch self {
    case .bool: .bool
    case .int32: .int32
    case .int64: .int64
    case .float: .float
    case .double: .double
    case .string: .string
    case .binary: .binary
    case .timestampMillis: .timestampMillis
    }
  }
}

/// The values of one column. If a value is null, `values` contains a zero or an empty string in its place.
package struct Column: Hashable, Sendable {
  package var values: ColumnValues
  /// One flag per row, false for null; nil if no row is null.
  package var validity: [Bool]?

  package init(_ values: ColumnValues, validity: [Bool]? = nil) {
    self.values = values
    self.validity = validity
  }
}

/// Columns with the same number of rows.
package struct ColumnBatch: Hashable, Sendable {
  package var fields: [ColumnField]
  package var columns: [Column]
  package var rows: Int

  package init(fields: [ColumnField], columns: [Column], rows: Int) {
    self.fields = fields
    self.columns = columns
    self.rows = rows
  }
}
