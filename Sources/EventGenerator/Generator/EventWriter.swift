import Basics

/// Writes an event as one line of JSON, and malformed lines at the requested rate.
struct EventWriter {
  private let text: SiteText
  private let isISO: Bool
  /// Probability of a malformed line after an event, times 2^32.
  private let malformed: UInt64
  /// The day of `dayText` (eight bytes of `YYYY-MM-` and two of the day).
  private var day: Int64 = -1
  private var dayText: [UInt8] = []

  init(_ generator: EventGenerator) {
    text = generator.text
    isISO = generator.parameters.isoTimestamps
    let share = generator.parameters.malformedShare
    // A share of all lines is up to 9 lines per valid event: the integer part always, the rest by chance.
    malformed = UInt64(share / (1 - share) * 0x1p32)
  }

  @inline(__always)
  mutating func write(
    _ session: ActiveSession, _ template: SessionTemplate, source: Int, parts: UnsafeMutableRawPointer,
    to batch: EventBatch
  ) {
    let start = batch.memory + batch.used
    var line = LineWriter(start)
    line.copy(template.first(parts))
    line.hexadecimal(UInt64(session.index), digits: 4)
    switch session.action {
    case .search: line.literal(#"","event_type":"search","timestamp":"#)
    case .click: line.literal(#"","event_type":"click","timestamp":"#)
    case .addToCart: line.literal(#"","event_type":"add_to_cart","timestamp":"#)
    case .purchase: line.literal(#"","event_type":"purchase","timestamp":"#)
    default: line.literal(#"","event_type":"page_view","timestamp":"#)
    }
    timestamp(session.time, to: &line)
    let key = line.position - start + SessionTemplate.userIDOffset
    line.copy(template.second(parts))
    path(session.page, to: &line)
    if session.action.rawValue <= Action.search.rawValue {
      if session.pages > 1 {
        line.literal(#"","referrer":"https://shop.example"#)
        path(session.previous, to: &line)
      } else if source > 0 {
        line.literal(#"","referrer":""#)
        line.copy(text.source(source))
      }
      line.copy(template.third(parts))
      line.literal(#","duration_ms":"#)
      line.decimal(UInt64(session.dwell), tables: text.digitPairs)
      if session.action == .search {
        line.literal(#","query":""#)
        line.copy(text.query(Int(session.page.item)))
        line.literal(#"""#)
      }
    } else {
      line.copy(template.third(parts))
    }
    switch session.action {
    case .product: product(session.product, to: &line)
    case .click where session.page.type == .product: product(session.product, to: &line)
    case .addToCart, .purchase:
      product(session.product, to: &line)
      line.literal(#","quantity":"#)
      line.decimal(UInt64(session.quantity), tables: text.digitPairs)
    default: break
    }
    line.literal("}\n")
    batch.append(
      timestamp: session.time, end: line.position, keyOffset: key, keyLength: SessionTemplate.userIDLength)
    if malformed > 0 { addMalformed(after: start, line.position - start, session, to: batch) }
  }

  @inline(__always)
  private func product(_ product: Int, to line: inout LineWriter) {
    line.literal(#","product_id":"p"#)
    line.packed(text.productDigits[product], count: 5)
    line.literal(#"","price":"#)
    line.packed(text.price[product], count: Int(text.priceLength[product]))
  }

  @inline(__always)
  private func path(_ page: Page, to line: inout LineWriter) {
    switch page.type {
    case .category: line.copy(text.category(Int(page.item)))
    case .product:
      line.literal("/p/")
      line.packed(text.productDigits[Int(page.item)], count: 5)
    case .article:
      line.literal("/magazine/")
      line.padded(UInt64(page.item), digits: 3, tables: text.digitPairs)
    case .search: line.copy(text.search(Int(page.item)))
    case .account, .cart, .checkout: line.copy(text.service(page.type))
    default: line.copy(text.home)
    }
  }

  @inline(__always)
  private mutating func timestamp(_ time: Int64, to line: inout LineWriter) {
    if isISO { iso(time, to: &line) } else { line.decimal(UInt64(time), tables: text.digitPairs) }
  }

  private mutating func iso(_ time: Int64, to line: inout LineWriter) {
    let today = time / CivilDate.millisecondsPerDay
    if today != day {
      day = today
      dayText = Array(CivilDate.text(Int(today)).utf8)
    }
    let rest = UInt64(time - today * CivilDate.millisecondsPerDay)
    line.literal(#"""#)
    dayText.withUnsafeBytes { line.copy($0) }
    line.literal("T")
    line.padded(rest / 3_600_000, digits: 2, tables: text.digitPairs)
    line.literal(":")
    line.padded(rest / 60_000 % 60, digits: 2, tables: text.digitPairs)
    line.literal(":")
    line.padded(rest / 1000 % 60, digits: 2, tables: text.digitPairs)
    line.literal(".")
    line.padded(rest % 1000, digits: 3, tables: text.digitPairs)
    line.literal(#"Z""#)
  }

  /// Lines that a reader must reject. They depend on the event's id, so that valid events stay the same.
  private mutating func addMalformed(
    after start: UnsafeMutableRawPointer, _ length: Int, _ session: ActiveSession, to batch: EventBatch
  ) {
    let draw = SplitMix64.mix(session.key &+ UInt64(session.index) &* 0x9e37_79b9_7f4a_7c15 ^ 0x6261_64)
    let count = (malformed + draw >> 32) >> 32
    for number in 0..<count {
      var line = LineWriter(batch.memory + batch.used)
      switch (draw &+ number) % 6 {
      case 0: line.copy(UnsafeRawBufferPointer(start: start, count: length / 2))
      case 1: line.literal("GET /robots.txt HTTP/1.1 404")
      case 2:
        line.literal(#"{"event_type":"click","timestamp":"#)
        timestamp(session.time, to: &line)
        line.literal(#","session_id":"lost"}"#)
      case 3: line.literal(#"{"event_type":"click","timestamp":"yesterday","user_id":"u00000000"}"#)
      case 4: line.literal(#"[1,"page_view"]"#)
      default:
        line.literal(#"{"event_type":"page_view","user_id":true,"timestamp":"#)
        timestamp(session.time, to: &line)
        line.literal("}")
      }
      line.literal("\n")
      batch.append(timestamp: session.time, end: line.position, keyOffset: 0, keyLength: 0)
    }
  }
}
