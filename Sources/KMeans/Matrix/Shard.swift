import Engine
import Synchronization

/// One shard in a worker's cache: first the columns as read, then the matrix once a stage needs it. Data that was evicted or
/// did not fit is read again by the same code.
package final class Shard: CachedValue {
  private enum Form {
    case none
    case raw(RawColumns)
    case matrix(PointMatrix, Transform)
  }

  private let form: Mutex<Form>

  package init() { form = Mutex(.none) }

  package func raw(_ load: () throws -> RawColumns) throws -> RawColumns {
    try form.withLock {
      if case .raw(let raw) = $0 { return raw }
      let raw = try load()
      $0 = .raw(raw)
      return raw
    }
  }

  /// - Parameter make: Reads the matrix if the columns are not cached.
  package func matrix(_ transform: Transform, _ make: () throws -> PointMatrix) throws -> PointMatrix {
    try form.withLock {
      if case .matrix(let matrix, transform) = $0 { return matrix }
      let matrix: PointMatrix
      if case .raw(let raw) = $0 { matrix = PointMatrix(raw, transform) } else { matrix = try make() }
      $0 = .matrix(matrix, transform)
      return matrix
    }
  }

  package var cachedBytes: Int {
    form.withLock {
      switch $0 {
      case .none: 0
      case .raw(let raw): raw.bytes
      case .matrix(let matrix, _): matrix.bytes + matrix.rows * MemoryLayout<Float>.stride
      }
    }
  }

  /// Drops the bounds. The next pass then compares all points again, which is cheaper than reading them again.
  package func trim() {
    form.withLock { if case .matrix(let matrix, _) = $0 { matrix.dropBounds() } }
  }
}

extension PointMatrix {
  package convenience init(_ raw: RawColumns, _ transform: Transform) {
    self.init(rows: raw.rows, transform, together: raw.columns.count) { raw.columns[$0] }
  }

  /// - Parameters:
  ///   - together: Number of columns in memory at a time. With fewer columns, each row is written more often.
  ///   - column: Reads a column of `rows` values; called once per column, in order.
  convenience init(
    rows: Int, _ transform: Transform, together: Int, column: (Int) throws -> [Double]
  ) rethrows {
    let dimensions = transform.origin.count
    try self.init(rows: rows, dimensions: dimensions) { data in
      for first in stride(from: 0, to: dimensions, by: together) {
        let columns = try (first..<min(first + together, dimensions)).map { try column($0) }
        // Few enough rows to stay in the CPU cache until all their columns are written.
        for start in stride(from: 0, to: rows, by: 256) {
          for (index, values) in columns.enumerated() {
            transform.write(values, start..<min(start + 256, rows), column: first + index, to: data)
          }
        }
      }
    }
  }
}

extension Transform {
  /// Transforms some rows of a column into a row-major matrix.
  fileprivate func write(
    _ values: [Double], _ rows: Range<Int>, column: Int, to data: UnsafeMutablePointer<Float>
  ) {
    let (origin, divisor, dimensions) = (origin[column], divisor[column], origin.count)
    values.withUnsafeBufferPointer { values in
      for row in rows { data[row * dimensions + column] = Float((values[row] - origin) / divisor) }
    }
  }
}
