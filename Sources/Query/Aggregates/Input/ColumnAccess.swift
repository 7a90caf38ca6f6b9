// The arrays of columns whose storage is known by their type. Partial results come from other processes, so a wrong storage is an
// error.
import Columns

extension Column {
  private func wrong(_ expected: String) -> QueryError {
    QueryError("an aggregate function got a column stored as \(values.storage), expected \(expected)")
  }

  func bools() throws(QueryError) -> [Bool] {
    guard case .bool(let values) = values else { throw wrong("bool") }
    return values
  }

  func int32s() throws(QueryError) -> [Int32] {
    guard case .int32(let values) = values else { throw wrong("int32") }
    return values
  }

  func int64s() throws(QueryError) -> [Int64] {
    guard case .int64(let values) = values else { throw wrong("int64") }
    return values
  }

  func int128s() throws(QueryError) -> [Int128] {
    guard case .int128(let values) = values else { throw wrong("int128") }
    return values
  }

  func doubles() throws(QueryError) -> [Double] {
    guard case .double(let values) = values else { throw wrong("double") }
    return values
  }

  func strings() throws(QueryError) -> StringColumn {
    guard let strings = values.strings else { throw wrong("bytes") }
    return strings
  }

  func lists() throws(QueryError) -> ListColumn {
    guard case .list(let lists) = values else { throw wrong("list") }
    return lists
  }

  /// nil if no flag is false.
  init(_ values: ColumnValues, optional validity: [Bool]) {
    self.init(values, validity: validity.allSatisfy { $0 } ? nil : validity)
  }
}

extension [Column] {
  /// - Throws: If there are fewer or more columns than the state has.
  func expect(_ count: Int) throws(QueryError) {
    guard self.count == count else {
      throw QueryError("a partial result of \(self.count) columns, expected \(count)")
    }
  }
}

extension Array {
  /// The elements with these numbers.
  func picked(_ numbers: [UInt32]) -> [Element] { numbers.map { self[Int($0)] } }

  /// Appends copies of `value` until there are `count` elements.
  mutating func extend(to count: Int, _ value: Element) {
    if self.count < count { append(contentsOf: repeatElement(value, count: count - self.count)) }
  }
}
