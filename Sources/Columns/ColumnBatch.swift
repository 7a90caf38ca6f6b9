/// The type of a column in memory. Parquet's many physical and logical types map onto these.
package enum ColumnType: String, Hashable, Sendable {
  case bool, int32, int64, float, double, string
  /// Milliseconds since 1970 UTC in an int64.
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
}

/// Strings laid end to end; string i is `bytes[offsets[i]..<offsets[i + 1]]`, UTF-8.
package struct StringColumn: Hashable, Sendable {
  /// One more than there are strings; the first is 0.
  package var offsets: [Int] = [0]
  package var bytes: [UInt8] = []

  package init() {}

  package init(_ strings: some Sequence<String>) {
    for string in strings { append(string) }
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

package enum ColumnValues: Hashable, Sendable {
  case bool([Bool])
  case int32([Int32])
  case int64([Int64])
  case float([Float])
  case double([Double])
  case string(StringColumn)
  case timestampMillis([Int64])

  package var count: Int {
    switch self {
    case .bool(let values): values.count
    case .int32(let values): values.count
    case .int64(let values), .timestampMillis(let values): values.count
    case .float(let values): values.count
    case .double(let values): values.count
    case .string(let values): values.count
    }
  }
}

/// The values of one column. Where a value is null, `values` holds a zero or an empty string in its place.
package struct Column: Hashable, Sendable {
  package var values: ColumnValues
  /// One flag a row, false for null; nil where no row is null.
  package var validity: [Bool]?

  package init(_ values: ColumnValues, validity: [Bool]? = nil) {
    self.values = values
    self.validity = validity
  }
}

/// Columns of the same number of rows.
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
