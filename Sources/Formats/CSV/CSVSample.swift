/// The first records of a text, read in one dialect. For sniffing; not fast.
struct CSVSample {
  /// The fields of each record, without quotes and escapes.
  private(set) var records: [[[UInt8]]] = []
  /// Where each record ends, and the lines up to there.
  private(set) var ends: [(end: Int, lines: Int)] = []
  /// The number of fields that most records have; at least 1.
  private(set) var width = 1
  /// Records with that number of fields, per record.
  private(set) var consistency = 0.0
  /// Records with text after a closing quote, which hint at a wrong dialect.
  private(set) var oddities = 0
  /// Fields in quotes.
  private(set) var quoted = 0

  init(_ text: [UInt8], isWhole: Bool, _ dialect: CSVDialect, most: Int) {
    let machine = CSVMachine(dialect)
    var state = CSVMachine.State.recordStart
    var fields: [[UInt8]] = []
    var field: [UInt8] = []
    var lines = 0
    var isRecord = false
    func isLineEnd(_ index: Int) -> Bool {
      text[index] == 0x0a || text[index] == 0x0d && (index + 1 == text.count || text[index + 1] != 0x0a)
    }
    for (index, byte) in text.enumerated() {
      if records.count == most { break }
      let next = machine.next(state, byte)
      if isLineEnd(index) { lines += 1 }
      switch next {
      case .unquoted:
        if state == .quoteInQuoted { oddities += 1 }
        field.append(byte)
        isRecord = true
      case .quoted:
        if state == .recordStart || state == .fieldStart || state == .afterCR {
          quoted += 1
        } else {
          field.append(byte)
        }
        isRecord = true
      case .fieldStart:
        fields.append(field)
        field = []
        isRecord = true
      case .recordStart, .afterCR:
        if state == .afterCR, byte == 0x0a {
          if let last = ends.indices.last, ends[last].end == index { ends[last] = (index + 1, lines) }
        } else if isRecord {
          records.append(fields + [field])
          ends.append((index + 1, lines + (isLineEnd(index) ? 0 : 1)))
          fields = []
          field = []
          isRecord = false
        }
      case .quoteInQuoted, .escaped, .comment: break
      }
      state = next
    }
    if isWhole, isRecord, records.count < most {
      records.append(fields + [field])
      ends.append((text.count, lines))
      if state == .quoted || state == .escaped { oddities += 1 }
    }
    measure()
  }

  private mutating func measure() {
    var counts: [Int: Int] = [:]
    for record in records { counts[record.count, default: 0] += 1 }
    let best = counts.max { ($0.value, $0.key) < ($1.value, $1.key) }
    width = best?.key ?? 1
    consistency = records.isEmpty ? 0 : Double(best?.value ?? 0) / Double(records.count)
  }

  /// Whether the text looks more like this dialect than like the other. One column is no evidence.
  func isBetter(than other: CSVSample) -> Bool {
    if (width > 1) != (other.width > 1) { return width > 1 ? consistency >= 0.5 : other.consistency < 0.5 }
    if abs(consistency - other.consistency) > 0.05 { return consistency > other.consistency }
    if oddities != other.oddities { return oddities < other.oddities }
    if consistency != other.consistency { return consistency > other.consistency }
    if width != other.width { return width > other.width }
    return quoted > other.quoted
  }
}
