import Basics
import Columns

/// Whether the first record of a CSV file names the columns, and the names.
enum CSVHeader {
  /// A first record that does not look like the others: text where they have other types. Where all is text, it must look like names
  /// that no other record repeats.
  static func isHeader(_ records: [[[UInt8]]], _ options: FileTableOptions) -> Bool {
    guard let first = records.first, !first.isEmpty else { return false }
    if let given = options.columns, !given.isEmpty {
      let names = Set(first.map { text($0).lowercased() })
      return given.filter { names.contains($0.name.lowercased()) }.count * 2 >= min(given.count, first.count)
    }
    let texts = first.map(text)
    guard texts.allSatisfy({ $0.isEmpty || kind(Array($0.utf8)) == .string }) else { return false }
    let rest = records.dropFirst()
    for column in first.indices where !first[column].isEmpty {
      let values = rest.compactMap { $0.count > column && !$0[column].isEmpty ? $0[column] : nil }
      if !values.isEmpty, values.allSatisfy({ kind($0) != .string }) { return true }
    }
    return Set(texts).count == texts.count
      && texts.indices.allSatisfy { column in
        isName(texts[column]) && !rest.contains { $0.count > column && text($0[column]) == texts[column] }
      }
  }

  /// - Parameter header: The first record; nil if it is data.
  static func names(_ header: [[UInt8]]?, count: Int, _ options: FileTableOptions) -> [String] {
    guard let header else {
      let given = options.columns ?? []
      return (0..<max(count, given.count)).map { $0 < given.count ? given[$0].name : "column\($0)" }.prefix(
        max(1, count)
      ).map { $0 }
    }
    var names: [String] = []
    var used: Set<ExactName> = []
    for (index, field) in header.enumerated() {
      let written = text(field)
      var name = written.isEmpty ? "column\(index)" : given(written, options) ?? written
      var number = 0
      let base = name
      while !used.insert(ExactName(name)).inserted {
        number += 1
        name = "\(base)_\(number)"
      }
      names.append(name)
    }
    return names
  }

  /// The name in the options that a header means: without case, if there is only one such name.
  private static func given(_ name: String, _ options: FileTableOptions) -> String? {
    let columns = options.columns ?? []
    if columns.field(named: name) != nil { return name }
    let matches = columns.filter { $0.name.lowercased() == name.lowercased() }
    return matches.count == 1 ? matches[0].name : nil
  }

  private static func isName(_ text: String) -> Bool {
    guard text.count <= 64, let first = text.unicodeScalars.first,
      first == "_" || first.properties.isAlphabetic
    else { return false }
    return text.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.numericType != nil
        || " _-.:$()/".unicodeScalars.contains($0)
    }
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func kind(_ bytes: [UInt8]) -> ColumnType {
    bytes.withUnsafeBufferPointer { text in
      guard let start = text.baseAddress else { return .string }
      if case .scalar(let type) = CSVTypes.type(start, text.count) { return type }
      return .string
    }
  }
}
