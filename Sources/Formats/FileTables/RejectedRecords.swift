import Basics

/// A record of a file that is not in the table, and why.
package struct RejectedRecord: Hashable, Sendable, WireCodable {
  /// Bytes of a record that are kept.
  static let keptBytes = 4096
  /// Bytes of a record that an error message shows.
  private static let shownBytes = 200

  package let file: String
  /// Line number in the file, from 1, of the record's first line.
  package private(set) var line: Int
  /// Offset of the record's first byte in the uncompressed file.
  package let offset: Int64
  /// Such as `column "price": expected double, found "n/a"`.
  package let reason: String
  /// The record, cut to 4096 bytes; any bytes.
  package let text: [UInt8]

  package init(file: String, line: Int, offset: Int64, reason: String, text: [UInt8]) {
    self.file = file
    self.line = line
    self.offset = offset
    self.reason = reason
    self.text = Array(text.prefix(Self.keptBytes))
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    file = try reader.string()
    line = try reader.count()
    offset = try reader.signed()
    reason = try reader.string()
    text = try reader.blob()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(file)
    writer.count(line)
    writer.signed(offset)
    writer.string(reason)
    writer.blob(text)
  }

  func after(lines: Int) -> RejectedRecord {
    var copy = self
    copy.line = line &+ lines
    return copy
  }

  /// `file, line 12, offset 3456: reason`, and the start of the record below.
  package var summary: String {
    let shown = String(decoding: text.prefix(Self.shownBytes), as: UTF8.self)
    var printable = String.UnicodeScalarView()
    for scalar in shown.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control && scalar != "\t"
      printable.append(isControl ? "\u{fffd}" : scalar)
    }
    return "\(file), line \(line), offset \(offset): \(reason)\n    \(String(printable))"
      + (text.count > Self.shownBytes ? " …" : "")
  }

  /// One line of JSON. Bytes that are not UTF-8 become U+FFFD.
  package var json: String {
    "{\"file\":\(JSONText.quoted(file)),\"lineNumber\":\(line),\"offset\":\(offset),"
      + "\"reason\":\(JSONText.quoted(reason)),"
      + "\"line\":\(JSONText.quoted(String(decoding: text, as: UTF8.self)))}\n"
  }
}

/// What became of the records of a split, or of consecutive splits of a table: counts, and the first rejected records.
package struct RejectedRecords: Hashable, Sendable, WireCodable {
  /// Records read, rejected ones too.
  package private(set) var read = 0
  /// Rejected records.
  package private(set) var count = 0
  /// The first `cap` of them, in the order of files and records.
  package private(set) var kept: [RejectedRecord] = []
  private let cap: Int
  /// The file of the latest split, and its lines so far: line numbers of the next split of that file follow on.
  private var file: String
  private var fileLines = 0
  /// Whether the first split begins its file.
  private let beginsFile: Bool

  /// - Parameter cap: The most rejected records that are kept.
  package init(cap: Int, file: String = "", beginsFile: Bool = true) {
    self.cap = max(0, cap)
    self.file = file
    self.beginsFile = beginsFile
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    read = try reader.count()
    count = try reader.count()
    kept = try reader.list()
    cap = try reader.count()
    file = try reader.string()
    fileLines = try reader.count()
    beginsFile = try reader.bool()
    guard kept.count <= cap, kept.count <= count, count <= read else {
      throw .invalid("\(kept.count) of \(count) rejected records kept, at most \(cap)")
    }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.count(read)
    writer.count(count)
    writer.list(kept)
    writer.count(cap)
    writer.string(file)
    writer.count(fileLines)
    writer.bool(beginsFile)
  }

  /// Lines of the latest file up to here.
  var lines: Int { fileLines }

  /// Whether more than this share of the records is rejected.
  package func exceeds(_ share: Double) -> Bool { Double(count) > share * Double(read) }

  /// - Parameter lines: The lines that the records and the text between them take.
  mutating func add(read records: Int, lines: Int) {
    read += records
    fileLines += lines
  }

  /// - Parameter record: Makes the record to keep.
  mutating func reject(_ record: () -> RejectedRecord) {
    count += 1
    if kept.count < cap { kept.append(record()) }
  }

  /// Appends what became of the next split. Sums wrap: the other may come from a broken peer.
  package mutating func append(_ other: RejectedRecords) {
    read &+= other.read
    count &+= other.count
    let before = other.file == file && !other.beginsFile ? fileLines : 0
    kept += other.kept.prefix(cap - kept.count).map { $0.after(lines: before) }
    file = other.file
    fileLines = before &+ other.fileLines
  }
}
