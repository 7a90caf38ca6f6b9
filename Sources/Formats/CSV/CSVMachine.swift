/// The states between two bytes of CSV, and how a byte leads from one to the next. This is the definition of what a record is; the
/// fast scanner (`csv.c`) finds the same records.
struct CSVMachine {
  enum State: UInt8, CaseIterable {
    case recordStart, fieldStart, unquoted, quoted
    /// After a quote inside quotes: the end of the quotes, or the first of two.
    case quoteInQuoted
    /// After CR, which may be the first half of CRLF.
    case afterCR
    case comment
    /// Inside quotes, after the escape byte.
    case escaped
  }

  /// Next state by state and byte.
  private let table: [State]
  /// States that can occur.
  let states: [State]

  init(_ dialect: CSVDialect) {
    let escape = dialect.escape == dialect.quote ? nil : dialect.escape
    table = State.allCases.flatMap { state in
      (0...255).map { CSVMachine.next(state, $0, dialect, escape) }
    }
    states = State.allCases.filter { state in
      switch state {
      case .quoted, .quoteInQuoted: dialect.quote != nil
      case .escaped: dialect.quote != nil && escape != nil
      case .comment: dialect.comment != nil
      default: true
      }
    }
  }

  @inline(__always)
  func next(_ state: State, _ byte: UInt8) -> State { table[Int(state.rawValue) << 8 | Int(byte)] }

  private static func next(_ state: State, _ byte: UInt8, _ dialect: CSVDialect, _ escape: UInt8?) -> State {
    switch state {
    case .quoted:
      if byte == escape { return .escaped }
      return byte == dialect.quote ? .quoteInQuoted : .quoted
    case .escaped: return .quoted
    case .quoteInQuoted where byte == dialect.quote: return .quoted
    case .afterCR where byte == 0x0a: return .recordStart
    default: break
    }
    if byte == 0x0a { return .recordStart }
    if byte == 0x0d { return .afterCR }
    if state == .comment { return .comment }
    let beginsRecord = state == .recordStart || state == .afterCR
    if beginsRecord, byte == dialect.comment { return .comment }
    if beginsRecord || state == .fieldStart, byte == dialect.quote { return .quoted }
    return byte == dialect.delimiter ? .fieldStart : .unquoted
  }
}
