import CSimdJSON
import Clickstream

/// An event as a value, for comparisons; `reason` nil for an accepted line.
package struct ScannedLine: Equatable {
  package var offset: Int
  package var length: Int
  package var reason: RejectReason?
  package var type = 0
  package var timestamp: Int64 = 0
  package var user: [UInt8]?
  package var session: [UInt8]?
  package var page: [UInt8]?
  package var isMobile = false
  package var duration: Double?
  package var price: Double?
  package var quantity: Double?
  /// Fields left out because of their type.
  package var ignored: [OptionalField] = []

  package init(_ event: swiftlet_event, base: Int) {
    offset = base + Int(event.line_offset)
    length = Int(event.line_length)
    reason = RejectReason(rawValue: event.reason)
    guard reason == nil else { return }
    type = Int(event.type)
    timestamp = event.timestamp
    user = bytes(event.user, event.user_length)
    session = bytes(event.session, event.session_length)
    page = bytes(event.page, event.page_length)
    isMobile = event.is_mobile
    duration = event.duration.isNaN ? nil : event.duration
    price = event.price.isNaN ? nil : event.price
    quantity = event.quantity.isNaN ? nil : event.quantity
    ignored = OptionalField.allCases.filter { event.ignored & $0.bit != 0 }
  }

  private func bytes(_ start: UnsafePointer<UInt8>?, _ length: UInt32) -> [UInt8]? {
    start.map { Array(UnsafeBufferPointer(start: $0, count: Int(length))) }
  }
}

extension EventScanner {
  /// A scan that takes nothing would never end.
  package struct Stuck: Error {}

  /// Every line of `text`, which ends where its allocation ends, so that a sanitizer finds reads past it.
  package mutating func lines(of text: [UInt8], base: Int = 0) throws -> [ScannedLine] {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: text)
    var rest = UnsafeRawBufferPointer(copy)
    var lines: [ScannedLine] = []
    while !rest.isEmpty {
      let position = copy.count - rest.count
      for event in try scan(&rest) { lines.append(ScannedLine(event, base: base + position)) }
      guard position < copy.count - rest.count else { throw Stuck() }
    }
    return lines
  }
}
