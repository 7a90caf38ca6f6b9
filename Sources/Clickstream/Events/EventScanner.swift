import Basics
import CSimdJSON
import Wire

/// Finds the events in blocks of lines: the fields of each line that features need, without an object or an allocation per line.
///
/// A line is an event if the whole line is one JSON object by RFC 8259 (unused parts are validated too) with an `event_type`, a
/// `timestamp` and a `user_id` of the right type; an empty `user_id` counts as missing. If a field occurs several times, the last
/// value counts. Numbers may be given as text, ids as numbers. An optional field that is null is missing; one of another type,
/// or a number beyond all finite doubles, is left out and noted in `ignored`. A lone surrogate becomes U+FFFD.
///
/// Used by one thread at a time.
package struct EventScanner: ~Copyable {
  /// Lines per call. With the text that the scanner takes at once, they stay in the L2 cache.
  private static let capacity = 256

  private let scanner: OpaquePointer
  private let events: UnsafeMutablePointer<swiftlet_event>
  /// Lines of the latest scan, blank ones included.
  package private(set) var lines: Int

  package init() throws(TaskFailure) {
    guard let scanner = swiftlet_scanner_create() else { throw .transient("no memory for a JSON scanner") }
    self.scanner = scanner
    events = .allocate(capacity: EventScanner.capacity)
    // Not as an initial value: the optimizer (6.3) then runs deinit on the unset self of init(plainLinesBy:).
    lines = 0
  }

  /// Uses one kernel for plain lines instead of the fastest. For tests: all kernels give the same events.
  /// - Returns: nil if this CPU cannot run it.
  package init?(plainLinesBy kernel: swiftlet_plain_kernel) throws(TaskFailure) {
    self = try EventScanner()
    guard swiftlet_scanner_choose(scanner, kernel) else { return nil }
  }

  deinit {
    swiftlet_scanner_destroy(scanner)
    events.deallocate()
  }

  /// Scans the next lines at the start of `bytes`, at least one, and drops them from `bytes`.
  /// - Returns: One element per line that is not blank, in order, with `line_offset` from the start of `bytes` and `reason` 0
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
    lines = swiftlet_scanner_lines(scanner)
    return found
  }
}
