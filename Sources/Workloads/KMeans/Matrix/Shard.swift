import Engine
import Storage
import Synchronization

/// One shard in the cache of a worker: its columns as read, until the first stage that needs the matrix turns them into it. What was
/// lost or found no room is read again, by the same code.
package final class Shard: CachedValue {
  private enum Form {
    case none
    case raw(RawColumns)
    case matrix(BlockMatrix, Transform)
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

  /// - Parameter make: Reads it, where the columns are not here.
  package func matrix(_ transform: Transform, _ make: () throws -> BlockMatrix) throws -> BlockMatrix {
    try form.withLock {
      if case .matrix(let matrix, transform) = $0 { return matrix }
      let matrix: BlockMatrix
      if case .raw(let raw) = $0 { matrix = BlockMatrix(raw, transform) } else { matrix = try make() }
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
}

extension BlockMatrix {
  package convenience init(_ raw: RawColumns, _ transform: Transform) {
    self.init(rows: raw.rows, transform) { raw.columns[$0] }
  }

  /// - Parameter column: Reads a column of `rows` values; called once for each, in their order.
  convenience init(rows: Int, _ transform: Transform, column: (Int) throws -> [Double]) rethrows {
    let dimensions = transform.origin.count
    try self.init(rows: rows, dimensions: dimensions) { data in
      for index in 0..<dimensions {
        let column = try column(index)
        let origin = transform.origin[index]
        let divisor = transform.divisor[index]
        for row in 0..<rows {
          data[BlockMatrix.offset(row: row, dimensions: dimensions) + index * BlockMatrix.block] =
            Float((column[row] - origin) / divisor)
        }
      }
    }
  }
}
