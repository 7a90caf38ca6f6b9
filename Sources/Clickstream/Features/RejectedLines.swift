import Basics

/// A line that is no event.
package struct RejectedLine: Hashable, Sendable, WireCodable {
  /// Bytes of a line that are kept.
  static let keptBytes = 4096

  package let file: String
  /// Of the line's first byte, in the uncompressed file.
  package let offset: Int64
  package let reason: RejectReason
  /// The line, cut to `keptBytes`; any bytes.
  package let line: [UInt8]

  package init(file: String, offset: Int64, reason: RejectReason, line: [UInt8]) {
    self.file = file
    self.offset = offset
    self.reason = reason
    self.line = line
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    file = try reader.string()
    offset = try reader.signed()
    let number = try reader.integer(UInt8.self)
    guard let reason = RejectReason(rawValue: number) else { throw .invalid("reject reason \(number)") }
    self.reason = reason
    line = try reader.blob()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(file)
    writer.signed(offset)
    writer.integer(reason.rawValue)
    writer.blob(line)
  }

  /// `file:offset: reason`
  var summary: String { "\(file):\(offset): \(reason)" }

  /// One line of JSON. Bytes that are no UTF-8 appear as U+FFFD.
  package var json: String {
    "{\"file\":\(quoted(file)),\"offset\":\(offset),\"reason\":\(quoted(reason.description)),"
      + "\"line\":\(quoted(String(decoding: line, as: UTF8.self)))}\n"
  }

  /// The same for a message of Kafka, whose `offset` is that of the message.
  func json(topic: String, partition: Int32) -> String {
    "{\"topic\":\(quoted(topic)),\"partition\":\(partition),\"offset\":\(offset),"
      + "\"reason\":\(quoted(reason.description)),\"line\":\(quoted(String(decoding: line, as: UTF8.self)))}\n"
  }

  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\":
        result.unicodeScalars.append("\\")
        result.unicodeScalars.append(scalar)
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// What became of the lines of a split, or of all splits in their order.
package struct ScanTally: Hashable, Sendable, WireCodable {
  /// Lines that are not blank, rejected ones too.
  package private(set) var read = 0
  /// Events whose timestamp is not in the range.
  package var outsideRange = 0
  /// By `RejectReason.rawValue`; element 0 stays 0.
  package private(set) var rejectedByReason = [Int](repeating: 0, count: RejectReason.allCases.count + 1)
  /// The first `cap` rejected lines.
  package private(set) var lines: [RejectedLine] = []
  private let cap: Int

  package init(cap: Int) { self.cap = max(0, cap) }

  package init(from reader: inout ByteReader) throws(WireError) {
    read = try reader.count()
    outsideRange = try reader.count()
    for index in rejectedByReason.indices { rejectedByReason[index] = try reader.count() }
    lines = try reader.list()
    cap = try reader.count()
    guard lines.count <= cap else { throw .invalid("\(lines.count) rejected lines, at most \(cap)") }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.count(read)
    writer.count(outsideRange)
    for count in rejectedByReason { writer.count(count) }
    writer.list(lines)
    writer.count(cap)
  }

  package var rejected: Int { rejectedByReason.reduce(0) { $0 &+ $1 } }

  package mutating func add(read count: Int) { read += count }

  package mutating func reject(_ reason: RejectReason, line: () -> RejectedLine) {
    rejectedByReason[Int(reason.rawValue)] += 1
    if lines.count < cap { lines.append(line()) }
  }

  /// The same counts, with fewer lines.
  func keeping(first count: Int) -> ScanTally {
    var copy = self
    copy.lines = Array(lines.prefix(count))
    return copy
  }

  /// Appends the tally of the next split. Wrapping sums: the other one may come from a broken peer.
  package mutating func append(_ other: ScanTally) {
    read &+= other.read
    outsideRange &+= other.outsideRange
    for index in rejectedByReason.indices { rejectedByReason[index] &+= other.rejectedByReason[index] }
    lines += other.lines.prefix(cap - lines.count)
  }
}
