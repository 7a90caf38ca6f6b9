/// Builds a column value by value, for formats that are read row by row. The caller must append values of the type's storage.
public struct ColumnBuilder {
  public let field: ColumnField
  private let storage: ColumnType.Storage
  private var bools: [Bool] = []
  private var integers: [Int64] = []
  private var wide: [Int128] = []
  private var numbers: [Double] = []
  private var strings = StringColumn()
  private var intervals: [Interval] = []
  private var validity: [Bool] = []
  private var hasNull = false
  /// Ends of the lists.
  private var ends: [Int] = []
  /// One for a list's elements; one for each field of a struct.
  private var children: [ColumnBuilder]

  public init(_ field: ColumnField) {
    self.field = field
    storage = field.type.storage
    switch field.type {
    case .list(let element): children = [ColumnBuilder(ColumnField("element", element, nullable: true))]
    case .structure(let fields): children = fields.map { ColumnBuilder($0) }
    default: children = []
    }
  }

  public var count: Int { validity.count }

  public mutating func append(_ value: Bool) {
    bools.append(value)
    validity.append(true)
  }

  /// For integers, dates and timestamps, and for decimals of up to 18 digits.
  public mutating func append(_ value: Int64) {
    integers.append(value)
    validity.append(true)
  }

  /// For decimals of any precision.
  public mutating func append(_ value: Int128) {
    if storage == .int128 { wide.append(value) } else { integers.append(Int64(truncatingIfNeeded: value)) }
    validity.append(true)
  }

  public mutating func append(_ value: Double) {
    numbers.append(value)
    validity.append(true)
  }

  public mutating func append(_ utf8: UnsafeRawBufferPointer) {
    strings.append(utf8)
    validity.append(true)
  }

  public mutating func append(_ value: Interval) {
    intervals.append(value)
    validity.append(true)
  }

  /// Appends one list.
  /// - Parameter fill: Appends its elements to the builder that it is given.
  public mutating func appendList(_ fill: (inout ColumnBuilder) throws -> Void) rethrows {
    try fill(&children[0])
    ends.append(children[0].count)
    validity.append(true)
  }

  /// Appends one struct.
  /// - Parameter fill: Appends one value to each of the builders, which are in the order of the struct's fields.
  public mutating func appendStructure(_ fill: (inout [ColumnBuilder]) throws -> Void) rethrows {
    try fill(&children)
    validity.append(true)
  }

  public mutating func appendNull() {
    switch storage {
    case .bool: bools.append(false)
    case .int32, .int64: integers.append(0)
    case .int128: wide.append(0)
    case .float, .double: numbers.append(0)
    case .bytes: strings.append("")
    case .interval: intervals.append(Interval())
    case .list: ends.append(children[0].count)
    case .structure: for index in children.indices { children[index].appendNull() }
    }
    validity.append(false)
    hasNull = true
  }

  /// Appends a value of the column's type.
  /// - Returns: false if it is of another type; nothing is appended then.
  public mutating func append(_ value: ScalarValue) -> Bool {
    switch (value, storage) {
    case (.null, _): appendNull()
    case (.bool(let value), .bool): append(value)
    case (.int(let value), .int32), (.int(let value), .int64): append(value)
    case (.decimal(let value), .int64), (.decimal(let value), .int128): append(value)
    case (.float(let value), .float): append(Double(value))
    case (.double(let value), .double): append(value)
    case (.bytes(let bytes), .bytes): bytes.withUnsafeBytes { append($0) }
    case (.interval(let value), .interval): append(value)
    case (.list(let items), .list):
      var fits = true
      appendList { elements in for item in items { fits = elements.append(item) && fits } }
      return fits
    case (.structure(let items), .structure) where items.count == children.count:
      var fits = true
      appendStructure { fields in
        for (index, item) in items.enumerated() { fits = fields[index].append(item) && fits }
      }
      return fits
    default: return false
    }
    return true
  }

  /// Returns the column built so far and resets the builder.
  public mutating func take() -> Column {
    let values: ColumnValues =
      switch storage {
      case .bool: .bool(bools)
      case .int32: .int32(integers.map { Int32(truncatingIfNeeded: $0) })
      case .int64: .int64(integers)
      case .int128: .int128(wide)
      case .float: .float(numbers.map { Float($0) })
      case .double: .double(numbers)
      case .bytes: .bytes(strings)
      case .interval: .interval(intervals)
      case .list: .list(ListColumn(offsets: [0] + ends, elements: children[0].take()))
      case .structure: .structure(children.indices.map { children[$0].take() }, rows: validity.count)
      }
    let column = Column(values, validity: hasNull ? validity : nil)
    self = ColumnBuilder(field)
    return column
  }
}
