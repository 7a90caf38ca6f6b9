import Columns
import Shuffle

/// The right side of a join in memory: its rows by key, rows of one key in order.
final class BuildSide {
  let batch: ColumnBatch
  /// Whether a row has matched; only for joins that keep right rows without a match.
  var hasMatched: [Bool]
  /// A row with a null key exists.
  private(set) var hasNullKey = false
  private var table = KeyTable()
  /// First and last row of each key, and the next row with the same key; −1 for none.
  private var first: [Int32] = []
  private var last: [Int32] = []
  private var following: [Int32]

  init(_ batch: ColumnBatch, keys: [Column], types: [ColumnType], tracksMatches: Bool) throws {
    self.batch = batch
    hasMatched = tracksMatches ? Array(repeating: false, count: batch.rows) : []
    following = Array(repeating: -1, count: batch.rows)
    guard batch.rows < Int(Int32.max) else {
      throw QueryError("over 2³¹ rows of a join's right side have keys of one partition")
    }
    var encoder = KeyEncoder(types.map { KeyEncoder.Part($0) }, isOrdered: false)
    let buffer = KeyBuffer()
    encoder.encode(keys, rows: batch.rows, into: buffer)
    for row in 0..<batch.rows {
      if let nulls = buffer.hasNull, nulls[row] {
        hasNullKey = true
        continue
      }
      let group = try table.intern(buffer[row])
      if group == first.count {
        first.append(Int32(row))
        last.append(Int32(row))
      } else {
        following[Int(last[group])] = Int32(row)
        last[group] = Int32(row)
      }
    }
  }

  /// The first row with that key; −1 if there is none.
  func firstRow(_ key: UnsafeRawBufferPointer) -> Int {
    let key = ByteKey(key)
    let group = table.find(key, hash: key.hash())
    return group < 0 ? -1 : Int(first[group])
  }

  /// The next row with the same key as that row; −1 after the last.
  func row(after row: Int) -> Int { Int(following[row]) }
}
