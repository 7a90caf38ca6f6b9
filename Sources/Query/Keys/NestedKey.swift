import Columns

/// Ordered bytes of one list or struct: elements one after the other, each after a mark, a list closed by a mark below all others.
struct NestedKey {
  let isOrdered: Bool

  func length(_ column: Column, _ row: Int, _ type: ColumnType) -> Int {
    switch (column.values, type) {
    case (.list(let lists), .list(let element)):
      var total = 1
      for index in lists.offsets[row]..<lists.offsets[row + 1] {
        total += 1 + (lists.elements.isNull(index) ? 0 : length(lists.elements, index, element))
      }
      return total
    case (.structure(let columns, _), .structure(let fields)):
      return zip(columns, fields).reduce(0) {
        $0 + 1 + ($1.0.isNull(row) ? 0 : length($1.0, row, $1.1.type))
      }
    default: return scalar(column, row, type).count
    }
  }

  func put(
    _ column: Column, _ row: Int, _ type: ColumnType, _ target: UnsafeMutablePointer<UInt8>,
    _ cursor: inout Int
  ) {
    func mark(_ byte: UInt8) {
      target[cursor] = byte
      cursor += 1
    }
    switch (column.values, type) {
    case (.list(let lists), .list(let element)):
      for index in lists.offsets[row]..<lists.offsets[row + 1] {
        if lists.elements.isNull(index) {
          mark(2)
        } else {
          mark(1)
          put(lists.elements, index, element, target, &cursor)
        }
      }
      mark(0)
    case (.structure(let columns, _), .structure(let fields)):
      for (child, field) in zip(columns, fields) {
        if child.isNull(row) {
          mark(2)
        } else {
          mark(1)
          put(child, row, field.type, target, &cursor)
        }
      }
    default:
      for byte in scalar(column, row, type) { mark(byte) }
    }
  }

  private func scalar(_ column: Column, _ row: Int, _ type: ColumnType) -> [UInt8] {
    var encoder = KeyEncoder([KeyEncoder.Part(type)], isOrdered: true)
    let buffer = KeyBuffer()
    encoder.encode([column.slice(row..<row + 1)], rows: 1, into: buffer)
    return Array(buffer[0].dropFirst())
  }
}
