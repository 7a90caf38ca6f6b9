import Basics

/// A line that is not an event.
package struct RejectedLine: Hashable, Sendable, WireCodable {
  /// Bytes of a line that are kept.
  private static let keptBytes = 4096
  /// Bytes of a line that an error message shows.
  private static let shownBytes = 200

  package let file: String
  /// Line number in the file, from 1; nil for a Kafka message.
  package private(set) var number: Int?
  /// Offset of the line's first byte in the uncompressed file, or the offset of the message.
  package let offset: Int64
  package let reason: RejectReason
  /// The line without its end, cut to `keptBytes`; any bytes.
  package let line: [UInt8]

  package init(
    file: String, number: Int?, offset: Int64, reason: RejectReason,
    line: some RandomAccessCollection<UInt8>
  ) {
    self.file = file
    self.number = number
    self.offset = offset
    self.reason = reason
    self.line = Array(line.prefix(Excerpt.length(of: line, atMost: RejectedLine.keptBytes)))
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    file = try reader.string()
    let number = try reader.count()
    self.number = number == 0 ? nil : number
    offset = try reader.signed()
    let code = try reader.integer(UInt8.self)
    guard let reason = RejectReason(rawValue: code) else { throw .invalid("reject reason \(code)") }
    self.reason = reason
    line = try reader.blob()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(file)
    writer.count(number ?? 0)
    writer.signed(offset)
    writer.integer(reason.rawValue)
    writer.blob(line)
  }

  /// The same line, with its number in the file instead of in a split that comes after `lines` lines.
  func after(lines: Int) -> RejectedLine {
    var copy = self
    copy.number = number.map { $0 &+ lines }
    return copy
  }

  /// What the line seems to be instead of an event.
  private var hint: String? { LineHint.text(line, reason: reason) }

  /// `file, line 12, offset 3456: missing event_type; found …`, and the start of the line below.
  package var summary: String {
    let position = number.map { "line \($0), offset \(offset)" } ?? "offset \(offset)"
    return "\(file), \(position): \(reason)\(hint.map { "; \($0)" } ?? "")\n    "
      + RejectedLine.printable(Excerpt.text(line, atMost: RejectedLine.shownBytes))
  }

  /// Control characters, which would disturb a terminal, become U+FFFD.
  private static func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control && scalar != "\t"
      result.append(isControl ? "\u{fffd}" : scalar)
    }
    return String(result)
  }

  /// One line of JSON. Bytes that are not UTF-8 become U+FFFD.
  package var json: String {
    let lineNumber = number.map { "\"lineNumber\":\($0)," } ?? ""
    return "{\"file\":\(JSONText.quoted(file)),\(lineNumber)\(commonJSON)}\n"
  }

  /// The same for a Kafka message.
  func json(topic: String, partition: Int32) -> String {
    "{\"topic\":\(JSONText.quoted(topic)),\"partition\":\(partition),\(commonJSON)}\n"
  }

  private var commonJSON: String {
    let found = hint.map { ",\"found\":\(JSONText.quoted($0))" } ?? ""
    return "\"offset\":\(offset),\"reason\":\(JSONText.quoted(reason.description))\(found),"
      + "\"line\":\(JSONText.quoted(String(decoding: line, as: UTF8.self)))"
  }
}
