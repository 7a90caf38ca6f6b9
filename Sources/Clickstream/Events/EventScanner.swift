import Basics
import CSimdJSON
import Wire

/// Finds the events in blocks of lines: what of each line an aggregation needs, without an object or an allocation per line.
///
/// A line is an event where it is, as a whole, one JSON object by RFC 8259 (the parts that nobody needs too) and has
/// `event_type`, `timestamp` and `user_id` of the right type. Of a field that comes several times the last counts. An optional
/// field that is null, of a wrong type, or a number beyond all finite doubles is missing. A lone surrogate becomes U+FFFD.
///
/// Used by one thread at a time.
package struct EventScanner: ~Copyable {
  /// Lines of one call; with the chunk of text that the scanner takes at once, they stay in the second-level cache.
  private static let capacity = 256

  private let scanner: OpaquePointer
  private let events: UnsafeMutablePointer<swiftlet_event>

  package init() throws(TaskFailure) {
    guard let scanner = swiftlet_scanner_create() else { throw .transient("no memory for a JSON scanner") }
    self.scanner = scanner
    events = .allocate(capacity: EventScanner.capacity)
  }

  /// With one kernel for plain lines instead of the fastest: for tests, since all give the same events.
  /// - Returns: nil where this CPU cannot run it.
  package init?(plainLinesBy kernel: swiftlet_plain_kernel) throws(TaskFailure) {
    self = try EventScanner()
    guard swiftlet_scanner_choose(scanner, kernel) else { return nil }
  }

  deinit {
    swiftlet_scanner_destroy(scanner)
    events.deallocate()
  }

  /// Scans the next lines at the beginning of `bytes`, at least one, and drops them from `bytes`.
  /// - Returns: One element a line that is not blank, in order, with `line_offset` from the beginning of `bytes` and `reason` 0
  ///   for events, else a `RejectReason`. The elements, and the strings they point to, are valid until the next call, as long
  ///   as the bytes are.
  package mutating func scan(
    _ bytes: inout UnsafeRawBufferPointer
  ) throws(TaskFailure) -> UnsafeMutableBufferPointer<swiftlet_event> {
    var consumed = 0
    let count = swiftlet_scanner_scan(
      scanner, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, events,
      EventScanner.capacity,
      &consumed)
    guard count >= 0 else {
      throw .transient("no memory to scan a line of at most \(bytes.count) bytes")
    }
    let found = UnsafeMutableBufferPointer(start: events, count: count)
    for index in 0..<count where found[index].time_text != nil && found[index].reason == 0 {
      let text = UnsafeRawBufferPointer(
        start: found[index].time_text, count: Int(found[index].time_text_length))
      if let milliseconds = ISO8601.milliseconds(text) {
        found[index].timestamp = milliseconds
      } else {
        found[index].reason = RejectReason.badTimestamp.rawValue
      }
    }
    bytes = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
    return found
  }
}
