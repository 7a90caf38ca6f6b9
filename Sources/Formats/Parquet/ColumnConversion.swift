import Columns

extension ValueBuffer {
  /// Converts the values to a column, with a zero or an empty string wherever `validity` marks a null.
  consuming func column(_ conversion: ParquetConversion, validity: [Bool]?) throws -> Column {
    switch conversion {
    case .bool: Column(.bool(spread(bools, validity, false)), validity: validity)
    case .float: Column(.float(spread(floats, validity, 0)), validity: validity)
    case .double: Column(.double(spread(doubles, validity, 0)), validity: validity)
    case .int32: Column(.int32(spread(int32s, validity, 0)), validity: validity)
    case .int64: Column(.int64(spread(int64s, validity, 0)), validity: validity)
    case .string: Column(.bytes(strings.spread(validity)), validity: validity)
    case .binary: Column(.bytes(strings.spread(validity)), validity: validity)
    case .uint32:
      Column(.int64(spread(int32s.map { Int64(UInt32(bitPattern: $0)) }, validity, 0)), validity: validity)
    case .uint64:
      Column(.int64(spread(try signed(int64s), validity, 0)), validity: validity)
    case .date:
      Column(.int64(spread(int32s.map { Int64($0) * 86_400_000 }, validity, 0)), validity: validity)
    case .timestamp(let unit):
      Column(.int64(spread(milliseconds(int64s, unit), validity, 0)), validity: validity)
    case .decimal(let scale):
      Column(.double(spread(decimals(scale), validity, 0)), validity: validity)
    case .float16:
      Column(.float(spread(strings.mapBytes(halfFloat), validity, 0)), validity: validity)
    case .uuid:
      Column(.bytes(uuids().spread(validity)), validity: validity)
    }
  }

  private func signed(_ values: [Int64]) throws -> [Int64] {
    if let over = values.first(where: { $0 < 0 }) {
      throw ParquetFault.unsupported("\(UInt64(bitPattern: over)) is over the range of int64")
    }
    return values
  }

  private func milliseconds(_ values: [Int64], _ unit: ParquetTimeUnit) -> [Int64] {
    let divisor = unit.perMillisecond
    return divisor == 1 || physical == .int96 ? values : values.map { floorDivide($0, by: divisor) }
  }

  private func decimals(_ scale: Int32) -> [Double] {
    // Powers of ten up to 10²² are exact, so values of up to 53 bits are rounded only once.
    var divisor = 1.0
    for _ in 0..<scale { divisor *= 10 }
    switch physical {
    case .int32: return int32s.map { Double($0) / divisor }
    case .int64: return int64s.map { Double($0) / divisor }
    default: return strings.mapBytes { bigEndian($0) / divisor }
    }
  }

  /// Reads a big-endian two's complement integer of any length.
  private func bigEndian(_ bytes: UnsafeRawBufferPointer) -> Double {
    if bytes.count <= 16 {
      var value: Int128 = bytes.first.map { $0 < 0x80 ? 0 : -1 } ?? 0
      for byte in bytes { value = value << 8 | Int128(byte) }
      return Double(value)
    }
    var value: Double = Double(Int8(bitPattern: bytes[0]))
    for byte in bytes.dropFirst() { value = value * 256 + Double(byte) }
    return value
  }

  private func halfFloat(_ bytes: UnsafeRawBufferPointer) -> Float {
    let bits = UInt16(bytes[0]) | UInt16(bytes[1]) << 8
    let exponent = Int(bits >> 10 & 0x1f)
    let fraction = Float(bits & 0x3ff)
    let magnitude: Float =
      switch exponent {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      default: Float(sign: .plus, exponent: exponent - 25, significand: fraction + 1024)
      }
    return bits & 0x8000 == 0 ? magnitude : -magnitude
  }

  private func uuids() -> StringColumn {
    let digits = Array("0123456789abcdef".utf8)
    var result = StringColumn()
    for (index, byte) in strings.bytes.enumerated() {
      if [4, 6, 8, 10].contains(index % 16) { result.bytes.append(0x2d) }
      result.bytes.append(digits[Int(byte >> 4)])
      result.bytes.append(digits[Int(byte & 0xf)])
      if index % 16 == 15 { result.offsets.append(result.bytes.count) }
    }
    return result
  }
}

extension StringColumn {
  /// Maps the bytes of each string to one value.
  fileprivate func mapBytes<T>(_ body: (UnsafeRawBufferPointer) -> T) -> [T] {
    bytes.withUnsafeBytes { bytes in
      (0..<count).map { body(.init(rebasing: bytes[offsets[$0]..<offsets[$0 + 1]])) }
    }
  }

  /// Inserts an empty string wherever `validity` is false.
  fileprivate func spread(_ validity: [Bool]?) -> StringColumn {
    guard let validity else { return self }
    var result = self
    result.offsets = [Int](unsafeUninitializedCapacity: validity.count + 1) { target, initialized in
      target[0] = 0
      var next = 0
      for row in validity.indices {
        next &+= validity[row] ? 1 : 0
        target[row + 1] = offsets[next]
      }
      initialized = validity.count + 1
    }
    return result
  }
}

/// Inserts `zero` wherever `validity` is false. `dense` has one value for each true.
private func spread<T: BitwiseCopyable>(_ dense: [T], _ validity: [Bool]?, _ zero: T) -> [T] {
  guard let validity else { return dense }
  return [T](unsafeUninitializedCapacity: validity.count) { target, initialized in
    var next = 0
    for row in validity.indices {
      if validity[row] {
        target[row] = dense[next]
        next &+= 1
      } else {
        target[row] = zero
      }
    }
    initialized = validity.count
  }
}
