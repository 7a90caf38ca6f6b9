/// The values of one column. If a value is null, `values` contains a zero, an empty string or an empty list in its place.
public struct Column: Hashable, Sendable {
  public var values: ColumnValues
  /// One flag per row, false for null; nil if no row is null. A byte per row instead of a bit: kernels combine flags with
  /// plain loops that the compiler vectorizes, and need no bit offsets for slices.
  public var validity: [Bool]?

  @inlinable public init(_ values: ColumnValues, validity: [Bool]? = nil) {
    self.values = values
    self.validity = validity
  }

  @inlinable public var count: Int { values.count }

  @inlinable public func isNull(_ row: Int) -> Bool { validity.map { !$0[row] } ?? false }

  /// `count` nulls.
  public static func nulls(_ type: ColumnType, count: Int) -> Column {
    Column(.zeros(type, count: count), validity: count == 0 ? nil : Array(repeating: false, count: count))
  }
}
