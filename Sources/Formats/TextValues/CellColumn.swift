import Basics
import CKernels
import Columns

/// Turns the cells of one column into values.
struct CellColumn {
  let field: ColumnField
  let style: TextStyle
  /// Rows whose cell does not fit the type, in order. They hold a zero.
  private(set) var misfits: [Int] = []

  init(_ field: ColumnField, _ style: TextStyle) {
    self.field = field
    self.style = style
  }

  /// - Parameter cells: One for each row.
  mutating func column(_ cells: UnsafePointer<swiftlet_cell>, rows: Int, base: UnsafePointer<UInt8>) -> Column
  {
    misfits.removeAll(keepingCapacity: true)
    switch field.type {
    case .bool: return make(cells, rows, base, false, { .bool($0) }) { TextWord.bool($0, $1) }
    case .int16: return integers(cells, rows, base, Int64(Int16.min)...Int64(Int16.max))
    case .int32: return integers(cells, rows, base, Int64(Int32.min)...Int64(Int32.max))
    case .int64: return make(cells, rows, base, 0, { .int64($0) }) { TextNumber.int64($0, $1) }
    case .float:
      return make(cells, rows, base, 0, { .float($0) }) { start, count in
        guard let value = TextNumber.double(start, count) else { return nil }
        let short = Float(value)
        return short.isFinite || !value.isFinite ? short : nil
      }
    case .double: return make(cells, rows, base, 0, { .double($0) }) { TextNumber.double($0, $1) }
    case .decimal(let precision, let scale):
      if field.type.storage == .int64 {
        return make(cells, rows, base, 0, { .int64($0) }) {
          TextNumber.decimal($0, $1, precision: precision, scale: scale).map { Int64($0) }
        }
      }
      return make(cells, rows, base, 0, { .int128($0) }) {
        TextNumber.decimal($0, $1, precision: precision, scale: scale)
      }
    case .date:
      return make(cells, rows, base, 0, { .int32($0) }) { start, count in
        TextTime(start, count).flatMap { $0.hasTime ? nil : Int32($0.days) }
      }
    case .timestamp:
      return make(cells, rows, base, 0, { .int64($0) }) { start, count in
        TextTime(start, count).flatMap { $0.zone == nil ? $0.timestamp : nil }
      }
    case .timestampMillis:
      return make(cells, rows, base, 0, { .int64($0) }) { start, count in
        TextTime(start, count).map { $0.instant.flooredDivision(by: 1000) }
      }
    case .timestampTZ:
      return make(cells, rows, base, 0, { .int64($0) }) { start, count in TextTime(start, count)?.instant }
    case .string, .binary, .json: return strings(cells, rows, base)
    case .interval, .list, .structure: return values(cells, rows, base)
    }
  }

  private mutating func integers(
    _ cells: UnsafePointer<swiftlet_cell>, _ rows: Int, _ base: UnsafePointer<UInt8>,
    _ range: ClosedRange<Int64>
  ) -> Column {
    make(cells, rows, base, 0, { .int32($0) }) { start, count in
      guard let value = TextNumber.int64(start, count), range.contains(value) else { return nil }
      return Int32(truncatingIfNeeded: value)
    }
  }

  @inline(__always)
  private mutating func make<T: BitwiseCopyable>(
    _ cells: UnsafePointer<swiftlet_cell>, _ rows: Int, _ base: UnsafePointer<UInt8>, _ zero: T,
    _ wrap: ([T]) -> ColumnValues, _ parse: (UnsafePointer<UInt8>, Int) -> T?
  ) -> Column {
    var validity: [Bool]?
    var misfits = self.misfits
    let style = style
    let values = [T](unsafeUninitializedCapacity: rows) { buffer, count in
      for row in 0..<rows {
        let cell = cells[row]
        if style.isNull(cell, base, isText: false) {
          if validity == nil { validity = Array(repeating: true, count: rows) }
          validity?[row] = false
          buffer[row] = zero
        } else if let value = parse(base + Int(cell.start), cell.count) {
          buffer[row] = value
        } else {
          buffer[row] = zero
          misfits.append(row)
        }
      }
      count = rows
    }
    self.misfits = misfits
    return Column(wrap(values), validity: validity)
  }

  private mutating func strings(
    _ cells: UnsafePointer<swiftlet_cell>, _ rows: Int, _ base: UnsafePointer<UInt8>
  ) -> Column {
    var validity: [Bool]?
    var offsets = [Int](repeating: 0, count: rows + 1)
    var total = 0
    for row in 0..<rows { total += cells[row].count + 2 }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(total)
    let (isText, isJSON) = (field.type != .json, field.type == .json)
    for row in 0..<rows {
      let cell = cells[row]
      if style.isNull(cell, base, isText: isText) {
        if validity == nil { validity = Array(repeating: true, count: rows) }
        validity?[row] = false
      } else if isJSON, case .json = style {
        // With its quotes, which are beside the text.
        let edge = cell.isQuoted ? 1 : 0
        bytes.append(
          contentsOf: UnsafeBufferPointer(start: base + Int(cell.start) - edge, count: cell.count + 2 * edge))
      } else if cell.isEscaped, cell.isQuoted {
        if !style.unescape(cell, base, into: &bytes) { misfits.append(row) }
      } else {
        bytes.append(contentsOf: UnsafeBufferPointer(start: base + Int(cell.start), count: cell.count))
      }
      offsets[row + 1] = bytes.count
    }
    var strings = StringColumn()
    strings.offsets = offsets
    strings.bytes = bytes
    check(strings, validity)
    return Column(.bytes(strings), validity: validity)
  }

  /// Finds text that is not UTF-8, or not JSON.
  private mutating func check(_ strings: StringColumn, _ validity: [Bool]?) {
    if field.type == .binary { return }
    let isJSON: Bool = if case .json = style { false } else { field.type == .json }
    if strings.isUTF8(from: 0), !isJSON { return }
    let found = strings.bytes.withUnsafeBytes { all in
      (0..<strings.count).filter { row in
        let text = UnsafeRawBufferPointer(rebasing: all[strings.offsets[row]..<strings.offsets[row + 1]])
        if JSONScanner.validated(text) == nil { return true }
        return isJSON && validity?[row] != false && !JSONCells.isValue(text)
      }
    }
    if !found.isEmpty { misfits = Array(Set(misfits + found)).sorted() }
  }

  /// Values that are built one by one.
  private mutating func values(
    _ cells: UnsafePointer<swiftlet_cell>, _ rows: Int, _ base: UnsafePointer<UInt8>
  ) -> Column {
    var builder = ColumnBuilder(ColumnField(field.name, field.type, nullable: true))
    for row in 0..<rows {
      let cell = cells[row]
      if style.isNull(cell, base, isText: false) {
        builder.appendNull()
      } else if case .json = style, !cell.isQuoted {
        let raw = UnsafeRawBufferPointer(start: base + Int(cell.start), count: cell.count)
        if !JSONCells.append(raw, field.type, to: &builder) { misfits.append(row) }
      } else {
        builder.appendNull()
        misfits.append(row)
      }
    }
    return builder.take()
  }

  /// Why a cell does not fit.
  func reason(_ cell: swiftlet_cell, _ base: UnsafePointer<UInt8>) -> String {
    let raw = UnsafeRawBufferPointer(start: base + Int(cell.start), count: cell.count)
    let start = String(decoding: raw.prefix(40), as: UTF8.self) + (raw.count > 40 ? "…" : "")
    let isBroken = JSONScanner.validated(raw) == nil
    return "column \"\(field.name)\": expected \(field.type.name), found "
      + (isBroken ? "text that is not UTF-8" : "\"\(start)\"")
  }
}
