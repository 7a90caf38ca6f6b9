/// The keys of the rows of a batch as byte strings, end to end. Reused from batch to batch.
package final class KeyBuffer {
  package private(set) var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// Where each key begins; one more than there are rows.
  package var offsets: [Int] = [0]
  /// Rows whose key holds a null; nil if there is none.
  package var hasNull: [Bool]?

  package init() {
    capacity = 1 << 12
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  package var rows: Int { offsets.count - 1 }

  /// Makes room for `bytes` bytes; the contents are lost.
  func reserve(_ bytes: Int) {
    guard bytes > capacity else { return }
    base.deallocate()
    capacity = max(bytes, capacity * 2)
    base = .allocate(capacity: capacity)
  }

  @inline(__always)
  package subscript(row: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + offsets[row], count: offsets[row + 1] - offsets[row])
  }
}
