import Columns

extension Column {
  /// The column with its strings in place of dictionary codes, for use inside lists and structs.
  var withoutCodes: Column {
    if case .dictionary(let column) = values {
      Column(.bytes(column.decoded()), validity: validity)
    } else {
      self
    }
  }

  /// The column with nulls where `flags` is false too.
  func masked(_ flags: [Bool]?) -> Column {
    guard let flags else { return self }
    guard let validity else { return Column(values, validity: flags) }
    return Column(values, validity: Column.both(validity, flags))
  }

  /// Row by row, whether both are true.
  static func both(_ a: [Bool], _ b: [Bool]) -> [Bool] {
    [Bool](unsafeUninitializedCapacity: a.count) { target, count in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in for row in 0..<a.count { target[row] = a[row] && b[row] } }
      }
      count = a.count
    }
  }

  /// The column with zeros in place of nulls, where kernels may have computed something else.
  func zeroingNulls() -> Column {
    guard let validity else { return self }
    func zeroed<T: StoredValue>(_ values: [T]) -> [T] {
      [T](unsafeUninitializedCapacity: values.count) { target, count in
        for row in 0..<values.count { target[row] = validity[row] ? values[row] : T.zero }
        count = values.count
      }
    }
    switch values {
    case .bool(let array): return Column(.bool(zeroed(array)), validity: validity)
    case .int32(let array): return Column(.int32(zeroed(array)), validity: validity)
    case .int64(let array): return Column(.int64(zeroed(array)), validity: validity)
    case .int128(let array): return Column(.int128(zeroed(array)), validity: validity)
    case .float(let array): return Column(.float(zeroed(array)), validity: validity)
    case .double(let array): return Column(.double(zeroed(array)), validity: validity)
    case .interval(let array): return Column(.interval(zeroed(array)), validity: validity)
    case .bytes, .dictionary, .list, .structure: return self
    }
  }
}
