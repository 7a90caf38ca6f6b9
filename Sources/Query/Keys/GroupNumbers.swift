import Columns
import Shuffle
import Wire

/// Numbers the distinct keys of rows in order of first appearance, and keeps one copy of each key's columns.
package struct GroupNumbers: ~Copyable {
  private let fields: [ColumnField]
  private var table = KeyTable()
  private var encoder: KeyEncoder
  private let buffer = KeyBuffer()
  /// The key columns of the groups, in pieces, in order of their numbers.
  private var pieces: [[Column]] = []
  private var pieceBytes = 0
  private var numbers: [UInt32] = []

  package init(_ fields: [ColumnField]) {
    self.fields = fields
    encoder = KeyEncoder(fields.map { KeyEncoder.Part($0.type) }, isOrdered: false)
  }

  package var count: Int { table.count }

  package var byteCount: Int { table.byteCount + pieceBytes }

  /// The group of each row.
  package mutating func number(_ columns: [Column], rows: Int) throws(TaskFailure) -> [UInt32] {
    encoder.encode(columns, rows: rows, into: buffer)
    if numbers.count < rows { numbers = [UInt32](repeating: 0, count: rows) }
    let before = table.count
    var new: [UInt32] = []
    for row in 0..<rows {
      let group = try table.intern(buffer[row])
      if group >= before, group - before == new.count { new.append(UInt32(truncatingIfNeeded: row)) }
      numbers[row] = UInt32(truncatingIfNeeded: group)
    }
    if !new.isEmpty {
      let piece = columns.map { $0.gather(new) }
      pieces.append(piece)
      pieceBytes += piece.reduce(0) { $0 + $1.byteCount }
    }
    return numbers.count == rows ? numbers : Array(numbers[..<rows])
  }

  /// The key bytes of a group.
  package func key(_ group: Int) -> UnsafeRawBufferPointer { table[group] }

  /// The hash that decides the shuffle partition of a group.
  package func hash(_ group: Int) -> UInt64 { table.hash(group) }

  /// The numbers of the groups, sorted by key bytes.
  package func sorted() -> FlatArray<UInt32> { table.sorted() }

  /// The key columns of all groups, in order of their numbers.
  package mutating func columns() -> [Column] {
    let joined = fields.indices.map { index in
      Column.concatenate(pieces.map { $0[index] }, fields[index].type)
    }
    pieces = pieces.isEmpty ? [] : [joined]
    return pieces.first ?? fields.map { Column(.zeros($0.type, count: 0)) }
  }

  package mutating func removeAll() {
    table.removeAll()
    pieces = []
    pieceBytes = 0
  }
}
