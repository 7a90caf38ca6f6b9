/// A tag of 16 hexadecimal digits in the names of data files, where a new output is written between the files of the old one:
/// `part-00000-8f954196643a420c.parquet`. Another output never has the name of a live file.
enum FileTag {
  static func random() -> String { UInt64.random(in: .min ... .max).hexadecimal }

  /// The same output gets the same tag, unless files of the present output have it: then the other half of the fingerprint.
  static func of(fingerprint: String, avoiding present: Manifest?) -> String {
    let halves = [String(fingerprint.prefix(16)), String(fingerprint.suffix(16))]
    let taken = Set((present?.files ?? []).compactMap { tag(of: $0.name) })
    return halves.first { isTag($0) && !taken.contains($0) } ?? random()
  }

  static func isTag(_ text: some StringProtocol) -> Bool {
    text.utf8.count == 16
      && text.utf8.allSatisfy {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
      }
  }

  /// The name of a data file with the tag before its extensions. Names that begin with `_` stay: readers look for them.
  static func tagged(_ name: String, _ tag: String) -> String {
    guard name.utf8.first != UInt8(ascii: "_") else { return name }
    let end = stem(name).endIndex
    return "\(name[..<end])-\(tag)\(name[end...])"
  }

  /// The tag in the name of a file; nil where there is none.
  static func tag(of name: String) -> String? {
    let stem = stem(name)
    guard let dash = stem.utf8.lastIndex(of: UInt8(ascii: "-")) else { return nil }
    let tag = stem[stem.utf8.index(after: dash)...]
    return isTag(tag) ? String(tag) : nil
  }

  /// The last part of a path up to its first dot.
  private static func stem(_ name: String) -> Substring {
    let slash = name.utf8.lastIndex(of: UInt8(ascii: "/"))
    let last = name[(slash.map { name.utf8.index(after: $0) } ?? name.startIndex)...]
    return last[..<(last.utf8.firstIndex(of: UInt8(ascii: ".")) ?? last.endIndex)]
  }
}
