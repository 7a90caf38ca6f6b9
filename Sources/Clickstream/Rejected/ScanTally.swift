import Basics
import CSimdJSON

/// What became of the lines of a split, or of all splits in their order.
package struct ScanTally: Hashable, Sendable, WireCodable {
  private static let samples = 3
  /// Lines that are not blank, rejected ones too.
  package private(set) var read = 0
  /// Events whose timestamp is outside of the dates.
  package private(set) var outsideRange = 0
  /// The dates of these events. Complete only if there is no event within the dates.
  private(set) var outsideDates = DateCounts()
  package private(set) var rejected = RejectCounts()
  /// Values of optional fields that were left out, by `OptionalField.rawValue`.
  package private(set) var ignoredByField = [Int](repeating: 0, count: OptionalField.allCases.count)
  /// The first `cap` rejected lines.
  package private(set) var lines: [RejectedLine] = []
  private let cap: Int
  /// The file of the latest split, and its lines so far, blank ones included: the numbers of the next split's lines follow on.
  private var file = ""
  private var fileLines = 0
  /// Whether the first split of the tally begins its file.
  private let beginsFile: Bool

  /// - Parameters:
  ///   - cap: The most rejected lines that are kept.
  ///   - file: The file of the split.
  ///   - beginsFile: Whether the split begins the file.
  package init(cap: Int, file: String = "", beginsFile: Bool = true) {
    self.cap = max(0, cap)
    self.file = file
    self.beginsFile = beginsFile
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    read = try reader.count()
    outsideRange = try reader.count()
    outsideDates = try reader.value()
    rejected = try reader.value()
    for index in ignoredByField.indices { ignoredByField[index] = try reader.count() }
    lines = try reader.list()
    cap = try reader.count()
    file = try reader.string()
    fileLines = try reader.count()
    beginsFile = try reader.bool()
    guard lines.count <= cap else { throw .invalid("\(lines.count) rejected lines, at most \(cap)") }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.count(read)
    writer.count(outsideRange)
    writer.value(outsideDates)
    writer.value(rejected)
    for count in ignoredByField { writer.count(count) }
    writer.list(lines)
    writer.count(cap)
    writer.string(file)
    writer.count(fileLines)
    writer.bool(beginsFile)
  }

  /// Whether more than this share of the lines is rejected.
  package func exceeds(_ maxRejectedShare: Double) -> Bool {
    Double(rejected.total) > maxRejectedShare * Double(read)
  }

  /// - Parameters:
  ///   - count: Lines that are not blank.
  ///   - lines: All lines.
  package mutating func add(read count: Int, lines: Int) {
    read += count
    fileLines += lines
  }

  package mutating func addOutside(_ time: Int64, _ range: TimeRange) {
    outsideRange += 1
    outsideDates.add(range.clock.day(of: time))
  }

  package mutating func addIgnored(_ fields: UInt8) {
    for field in OptionalField.allCases where fields & field.bit != 0 { ignoredByField[field.rawValue] += 1 }
  }

  /// - Parameter line: Makes the line to keep, given the number of lines before its batch.
  package mutating func reject(_ reason: RejectReason, line: (_ linesBefore: Int) -> RejectedLine) {
    rejected[reason] += 1
    if lines.count < cap { lines.append(line(fileLines)) }
  }

  /// The same counts with the lines that travel to the driver: a few for an error message, or, if the step `fails` because of
  /// them, as many of those that were kept as have at most `bytes` bytes.
  func reported(fails: Bool, bytes: Int) -> ScanTally {
    var copy = self
    var left = bytes
    copy.lines = Array(
      lines.prefix(fails ? .max : ScanTally.samples).prefix {
        left -= $0.line.count
        return left >= 0 || !fails
      })
    return copy
  }

  /// Appends the tally of the next split. Sums wrap: the other tally may come from a broken peer.
  package mutating func append(_ other: ScanTally) {
    read &+= other.read
    outsideRange &+= other.outsideRange
    outsideDates.append(other.outsideDates)
    rejected += other.rejected
    for index in ignoredByField.indices { ignoredByField[index] &+= other.ignoredByField[index] }
    let before = other.file == file && !other.beginsFile ? fileLines : 0
    lines += other.lines.prefix(cap - lines.count).map { $0.after(lines: before) }
    file = other.file
    fileLines = before &+ other.fileLines
  }
}
