import Basics
import Foundation

/// Rows of values from which a dictionary can be built.
protocol DictionarySource {
  var count: Int { get }
  func hash(_ row: Int) -> UInt64
  func areEqual(_ a: Int, _ b: Int) -> Bool
}

/// Finds the distinct values of a column chunk in order of first appearance, so that the same values produce the same
/// dictionary regardless of the hash function.
struct DictionaryBuilder {
  /// The first row of each distinct value.
  private(set) var firstRows: [UInt32] = []
  /// For each row, the position of its value in `firstRows`. May have more elements than there are rows, if an earlier chunk
  /// had more.
  private(set) var indices: [UInt32] = []
  private(set) var rows = 0

  private static let maxEntries = 1 << 17
  /// Open addressing: 0 for a free slot, otherwise entry + 1.
  private var slots: [UInt32] = []

  /// Bits per index. At least one, because not every reader accepts indices of zero bits.
  var width: Int { max(1, 32 - UInt32(max(firstRows.count, 1) - 1).leadingZeroBitCount) }

  /// - Returns: False if values repeat too rarely for a dictionary to pay off; the contents are then meaningless.
  mutating func build(_ source: some DictionarySource) -> Bool {
    firstRows.removeAll(keepingCapacity: true)
    rows = source.count
    slots = [UInt32](repeating: 0, count: 4096)
    if indices.count < source.count { indices = [UInt32](repeating: 0, count: source.count) }
    var row = 0
    while true {
      row = fill(source, from: row)
      if row == source.count { return true }
      // The table is half full. If most of the rows so far had new values, the rest are unlikely to be better.
      if firstRows.count >= Self.maxEntries || firstRows.count * 10 > row * 6 { return false }
      grow(source)
    }
  }

  /// Continues from `row` until the end or until the table is half full.
  /// - Returns: The row to continue from.
  private mutating func fill(_ source: some DictionarySource, from row: Int) -> Int {
    let limit = slots.count / 2
    let mask = slots.count - 1
    var entries = firstRows.count
    var row = row
    slots.withUnsafeMutableBufferPointer { slots in
      indices.withUnsafeMutableBufferPointer { indices in
        while row < source.count {
          var slot = Int(truncatingIfNeeded: source.hash(row)) & mask
          while true {
            let entry = slots[slot]
            if entry == 0 {
              if entries == limit { return }
              firstRows.append(UInt32(truncatingIfNeeded: row))
              entries &+= 1
              slots[slot] = UInt32(truncatingIfNeeded: entries)
              indices[row] = UInt32(truncatingIfNeeded: entries &- 1)
              break
            }
            if source.areEqual(row, Int(firstRows[Int(entry &- 1)])) {
              indices[row] = entry &- 1
              break
            }
            slot = (slot &+ 1) & mask
          }
          row &+= 1
        }
      }
    }
    return row
  }

  private mutating func grow(_ source: some DictionarySource) {
    slots = [UInt32](repeating: 0, count: slots.count * 4)
    let mask = slots.count - 1
    for (entry, row) in firstRows.enumerated() {
      var slot = Int(truncatingIfNeeded: source.hash(Int(row))) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(entry + 1)
    }
  }
}

/// Compares numbers by their bits, so that a NaN equals itself and −0 differs from +0.
struct FixedSource<Bits: FixedWidthInteger & UnsignedInteger>: DictionarySource {
  let values: UnsafeBufferPointer<Bits>

  var count: Int { values.count }

  @inline(__always)
  func hash(_ row: Int) -> UInt64 {
    let bits = UInt64(truncatingIfNeeded: values[row])
    // Small doubles differ only in their high bits, small integers in their low bits.
    let product = (bits ^ bits &>> 32) &* 0x9e37_79b9_7f4a_7c15
    return product &>> 40
  }

  @inline(__always)
  func areEqual(_ a: Int, _ b: Int) -> Bool { values[a] == values[b] }
}

/// The strings `offsets[i]..<offsets[i + 1]` of `bytes`; there is one more offset than there are strings.
struct StringSource: DictionarySource {
  let offsets: UnsafeBufferPointer<Int>
  let bytes: UnsafeRawBufferPointer

  var count: Int { offsets.count - 1 }

  @inline(__always)
  subscript(row: Int) -> UnsafeRawBufferPointer {
    .init(rebasing: bytes[offsets[row]..<offsets[row &+ 1]])
  }

  /// Total size of all strings in bytes.
  var size: Int { offsets[offsets.count - 1] - offsets[0] }

  @inline(__always)
  func hash(_ row: Int) -> UInt64 { XXH3.hash(self[row]) }

  @inline(__always)
  func areEqual(_ a: Int, _ b: Int) -> Bool {
    let (first, second) = (self[a], self[b])
    return first.count == second.count && compareBytes(first, second) == 0
  }
}

/// Compares bytes as unsigned values; a prefix sorts before longer strings.
/// - Returns: A value below, equal to, or above 0.
@inline(__always)
func compareBytes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
  let shared = min(a.count, b.count)
  if shared > 0, let first = a.baseAddress, let second = b.baseAddress {
    let order = memcmp(first, second, shared)
    if order != 0 { return Int(order) }
  }
  return a.count - b.count
}
