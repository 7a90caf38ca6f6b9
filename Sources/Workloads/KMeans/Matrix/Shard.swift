import Storage
import Synchronization

/// One shard in the cache of a worker: its columns as read, until the first stage that needs the matrix turns them into it. What was
/// lost is read again, by the same code.
package final class Shard: Sendable {
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

  package func matrix(_ transform: Transform, _ load: () throws -> RawColumns) throws -> BlockMatrix {
    try form.withLock {
      if case .matrix(let matrix, transform) = $0 { return matrix }
      let raw: RawColumns
      if case .raw(let kept) = $0 { raw = kept } else { raw = try load() }
      let matrix = BlockMatrix(raw, transform)
      $0 = .matrix(matrix, transform)
      return matrix
    }
  }
}

extension BlockMatrix {
  package convenience init(_ raw: RawColumns, _ transform: Transform) {
    let dimensions = raw.columns.count
    self.init(rows: raw.rows, dimensions: dimensions) { data in
      for (index, column) in raw.columns.enumerated() {
        let origin = transform.origin[index]
        let divisor = transform.divisor[index]
        for row in 0..<raw.rows {
          data[BlockMatrix.offset(row: row, dimensions: dimensions) + index * BlockMatrix.block] =
            Float((column[row] - origin) / divisor)
        }
      }
    }
  }
}
