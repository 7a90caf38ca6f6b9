import Basics
import Columns
import Storage

/// Finds out how a CSV file is written, from its first bytes; what the options say is not questioned.
struct CSVSniffer {
  /// Text that is looked at.
  static let bytes = 64 << 10
  private static let mostRecords = 1000
  private static let delimiters = Array(",\t;|^~".utf8) + [0x01]

  static func layout(_ reader: any ObjectReader, _ options: FileTableOptions) throws -> CSVLayout {
    let (text, isWhole) = try TextSource.head(reader, bytes)
    return try layout(text, isWhole: isWhole, options, reader.info.uri)
  }

  /// - Parameters:
  ///   - text: The beginning of the file.
  ///   - isWhole: It is all of the file.
  static func layout(_ text: [UInt8], isWhole: Bool, _ options: FileTableOptions, _ uri: String) throws
    -> CSVLayout
  {
    let head = text.prefix(bytes)
    let (start, lines) = skip(head, options.csv.skip)
    let rest = Array(head[start...])
    let isAll = isWhole && head.count == text.count
    let (dialect, sample) = best(rest, isAll, options.csv)
    var fields = sample.records
    if fields.isEmpty { fields = [[]] }
    let hasHeader = options.csv.header ?? CSVHeader.isHeader(fields, options)
    let names = CSVHeader.names(
      hasHeader ? fields[0] : nil, count: hasHeader ? fields[0].count : sample.width, options)
    guard hasHeader, let first = sample.ends.first else {
      return CSVLayout(dialect: dialect, names: names, start: Int64(start), lines: lines)
    }
    return CSVLayout(
      dialect: dialect, names: names, start: Int64(start + first.end), lines: lines + first.lines)
  }

  /// Passes a byte order mark and lines.
  private static func skip(_ text: ArraySlice<UInt8>, _ lines: Int) -> (Int, Int) {
    var index = text.starts(with: TextSource.byteOrderMark) ? TextSource.byteOrderMark.count : 0
    var passed = 0
    while passed < lines, index < text.count {
      let byte = text[index]
      index += 1
      if byte == 0x0d, index < text.count, text[index] == 0x0a { index += 1 }
      if byte == 0x0a || byte == 0x0d { passed += 1 }
    }
    return (index, passed)
  }

  private static func best(_ text: [UInt8], _ isWhole: Bool, _ csv: CSVOptions) -> (CSVDialect, CSVSample) {
    let quote = csv.quote ?? UInt8(ascii: "\"")
    var choices: [CSVDialect] = []
    for delimiter in csv.delimiter.map({ [$0] }) ?? delimiters {
      var dialect = CSVDialect(delimiter: delimiter, quote: quote, escape: csv.escape, comment: csv.comment)
      choices.append(dialect)
      if csv.escape == nil, hasPair(text, UInt8(ascii: "\\"), quote) {
        dialect.escape = UInt8(ascii: "\\")
        choices.append(dialect)
      }
      if csv.quote == nil, !text.contains(quote), text.contains(UInt8(ascii: "'")) {
        dialect.quote = UInt8(ascii: "'")
        dialect.escape = csv.escape
        choices.append(dialect)
      }
    }
    var found: (dialect: CSVDialect, sample: CSVSample)?
    for dialect in choices {
      let sample = CSVSample(text, isWhole: isWhole, dialect, most: mostRecords)
      if let best = found?.sample, !sample.isBetter(than: best) { continue }
      found = (dialect, sample)
    }
    return found ?? (CSVDialect(quote: quote), CSVSample([], isWhole: true, CSVDialect(), most: 0))
  }

  private static func hasPair(_ text: [UInt8], _ first: UInt8, _ second: UInt8) -> Bool {
    zip(text, text.dropFirst()).contains { $0 == first && $1 == second }
  }
}
