/// Builds a column value by value, for formats that are read row by row. The caller must append values of the column's type.
package struct ColumnBuilder {
  package let field: ColumnField
  private var bools: [Bool] = []
  private var integers: [Int64] = []
  private var numbers: [Double] = []
  private var strings = StringColumn()
  private var validity: [Bool] = []
  private var hasNull = false

  package init(_ field: ColumnField) { self.field = field }

  package var count: Int { validity.count }

  package mutating func append(_ value: Bool) {
    bools.append(value)
    validity.append(true)
  }

  package mutating func append(_ value: Int64) {
    integers.append(value)
    validity.append(true)
  }

  package mutating func append(_ value: Double) {
    numbers.append(value)
    validity.append(true)
  }

  package mutating func append(_ utf8: UnsafeRawBufferPointer) {
    strings.append(utf8)
    validity.append(true)
  }

  package mutating func appendNull() {
    switch field.type {
    case .bool: bools.append(false)
    case .int32, .int64, .timestampMillis: integers.append(0)
    case .float, .double: numbers.append(0)
    case .string, .binary: strings.append("")
    }
    validity.append(false)
    hasNull = true
  }

  /// Returns the column built so far and resets the builder.
  package mutating func take() -> Column {
    let values: ColumnValues =
      switch field.type {
      case .bool: .bool(bools)
      case .int64: .int64(integers)
      case .timestampMillis: .timestampMillis(integers)
      case .double: .double(numbers)
      case .string: .string(strings)
      case .binary: .binary(strings)
      case .int32: .int32(integers.map { Int32(truncatingIfNeeded: $0) })
      case .float: .float(numbers.map { Float($0) })
      }
    let column = Column(values, validity: hasNull ? validity : nil)
    self = ColumnBuilder(field)
    return column
  }
}
