import Columns

// Loops over the rows of arguments: one for each shape of function. They are inlined with their closures into each kernel, so a
// kernel is one tight loop over flat arrays. Null rows of a strict function are skipped and hold zeros.

extension Arguments {
  func storageError(_ index: Int) -> QueryError {
    QueryError("an argument of type \(vectors[index].type.sqlName) is not stored as such")
  }

  /// The flat values of an argument: `rows`, or one of a constant.
  func array<T: StoredValue>(_ index: Int, _ type: T.Type = T.self) throws -> [T] {
    guard let array = T.array(vectors[index].column.values) else { throw storageError(index) }
    return array
  }

  /// Calls `body` for each row that is not null. An error that it throws gets the row's number.
  @inline(__always)
  func fill<R: StoredValue>(_ body: (Int) throws -> R) throws -> [R] {
    let rows = rows
    return try [R](unsafeUninitializedCapacity: rows) { target, count in
      var row = 0
      do {
        if let validity {
          try validity.withUnsafeBufferPointer { validity in
            while row < rows {
              target[row] = validity[row] ? try body(row) : R.zero
              row &+= 1
            }
          }
        } else {
          while row < rows {
            target[row] = try body(row)
            row &+= 1
          }
        }
      } catch let error as QueryError {
        throw error.at(row)
      }
      count = rows
    }
  }

  /// As ``fill(_:)``, for functions that may return null.
  @inline(__always)
  func fillOptional<R: StoredValue>(_ body: (Int) throws -> R?) throws -> Column {
    var flags: [Bool]?
    let values: [R] = try fill { row in
      if let value = try body(row) { return value }
      if flags == nil { flags = Array(repeating: true, count: rows) }
      flags?[row] = false
      return R.zero
    }
    return Column(R.values(values), validity: flags)
  }

  /// A function of one value.
  @inline(__always)
  func map<A: StoredValue, R: StoredValue>(_ body: (A) throws -> R) throws -> Column {
    let values: [A] = try array(0)
    return try values.withUnsafeBufferPointer { a in
      if vectors[0].isConstant {
        let constant = a[0]
        return Column(R.values(try fill { _ in try body(constant) }))
      }
      return Column(R.values(try fill { row in try body(a[row]) }))
    }
  }

  /// A function of two values.
  @inline(__always)
  func map<A: StoredValue, B: StoredValue, R: StoredValue>(_ body: (A, B) throws -> R) throws -> Column {
    let first: [A] = try array(0)
    let second: [B] = try array(1)
    return try first.withUnsafeBufferPointer { a in
      try second.withUnsafeBufferPointer { b in
        switch (vectors[0].isConstant, vectors[1].isConstant) {
        case (false, false): return Column(R.values(try fill { row in try body(a[row], b[row]) }))
        case (false, true):
          let constant = b[0]
          return Column(R.values(try fill { row in try body(a[row], constant) }))
        case (true, false):
          let constant = a[0]
          return Column(R.values(try fill { row in try body(constant, b[row]) }))
        case (true, true):
          let (x, y) = (a[0], b[0])
          return Column(R.values(try fill { _ in try body(x, y) }))
        }
      }
    }
  }

  /// A function of one value that may return null.
  @inline(__always)
  func mapOptional<A: StoredValue, R: StoredValue>(_ body: (A) throws -> R?) throws -> Column {
    let values: [A] = try array(0)
    let mask = vectors[0].isConstant ? 0 : -1
    return try values.withUnsafeBufferPointer { a in try fillOptional { row in try body(a[row & mask]) } }
  }

  /// A reader of an argument's values by row, for functions of more than two arguments.
  func reader<T: StoredValue>(_ index: Int, _ type: T.Type = T.self) throws -> (Int) -> T {
    let values: [T] = try array(index)
    let mask = vectors[index].isConstant ? 0 : -1
    return { values[$0 & mask] }
  }

  /// A function of a string.
  @inline(__always)
  func mapText<R: StoredValue>(_ body: (UnsafeRawBufferPointer) throws -> R) throws -> Column {
    try withStrings(0) { a in Column(R.values(try fill { row in try body(a[row]) })) }
  }

  @inline(__always)
  func mapTextOptional<R: StoredValue>(_ body: (UnsafeRawBufferPointer) throws -> R?) throws -> Column {
    try withStrings(0) { a in try fillOptional { row in try body(a[row]) } }
  }

  /// A function whose results are strings.
  /// - Parameter body: Appends the result of a row to the bytes.
  @inline(__always)
  func strings(_ body: (Int, inout [UInt8]) throws -> Void) throws -> Column {
    try stringsOrNulls { row, bytes in
      try body(row, &bytes)
      return true
    }
  }

  /// As ``strings(_:)``, for functions that may return null.
  /// - Parameter body: Appends the result of a row; returns false, having appended nothing, for null.
  @inline(__always)
  func stringsOrNulls(_ body: (Int, inout [UInt8]) throws -> Bool) throws -> Column {
    var result = StringColumn()
    result.offsets.reserveCapacity(rows + 1)
    var flags: [Bool]?
    var row = 0
    do {
      while row < rows {
        if !isNull(row), try !body(row, &result.bytes) {
          if flags == nil { flags = Array(repeating: true, count: rows) }
          flags?[row] = false
        }
        result.offsets.append(result.bytes.count)
        row += 1
      }
    } catch let error as QueryError {
      throw error.at(row)
    }
    return Column(.bytes(result), validity: flags)
  }

  /// A function whose results are values of any type, by way of scalars: for lists, structs and functions that are rarely hot.
  func scalars(_ body: (Int) throws -> ScalarValue) throws -> Column {
    var builder = ColumnBuilder(ColumnField("", type, nullable: true))
    var row = 0
    do {
      while row < rows {
        if isNull(row) {
          builder.appendNull()
        } else if case let value = try body(row), !builder.append(value) {
          throw QueryError("the result \(value) is not of type \(type.sqlName)")
        }
        row += 1
      }
    } catch let error as QueryError {
      throw error.at(row)
    }
    return builder.take()
  }

  /// The value of an argument in a row.
  func scalar(_ index: Int, _ row: Int) -> ScalarValue {
    vectors[index].column.scalar(vectors[index].isConstant ? 0 : row, vectors[index].type)
  }
}

extension QueryError {
  /// The same with the row, unless a row is known already.
  func at(_ row: Int) -> QueryError {
    var error = self
    if error.row == nil { error.row = row }
    return error
  }
}
