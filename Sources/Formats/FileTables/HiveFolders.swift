import Basics
import Columns

/// Columns whose values are in folder names: `dt=2025-04-01/`, percent-encoded where needed.
struct HiveFolders {
  /// What Hive and Spark write for null.
  private static let null = "__HIVE_DEFAULT_PARTITION__"

  /// In the order of the folders of the first file, then of the others.
  let fields: [ColumnField]
  /// For each file, the values of `fields`.
  let values: [[FolderValue]]

  /// Types follow from the values of all files: int64, date, else string. A file without the folder has a null.
  init(_ files: [ListedFile]) {
    var names: [String] = []
    var texts: [ExactName: [String?]] = [:]
    let parsed = files.map { $0.folders.compactMap(HiveFolders.pair) }
    for (index, pairs) in parsed.enumerated() {
      for (name, text) in pairs {
        let key = ExactName(name)
        if texts[key] == nil {
          names.append(name)
          texts[key] = Array(repeating: nil, count: files.count)
        }
        texts[key]?[index] = text == HiveFolders.null ? nil : text
      }
    }
    let columns = names.map { texts[ExactName($0)] ?? [] }
    let types = columns.map(HiveFolders.type)
    fields = zip(names, types).map { ColumnField($0, $1, nullable: true) }
    values = files.indices.map { file in
      names.indices.map { column in
        FolderValue(name: names[column], value: HiveFolders.value(columns[column][file], types[column]))
      }
    }
  }

  private static func pair(_ folder: String) -> (String, String)? {
    guard let equals = folder.utf8.firstIndex(of: UInt8(ascii: "=")), equals > folder.startIndex else {
      return nil
    }
    let name = String(folder[..<equals])
    let value = String(folder[folder.utf8.index(after: equals)...])
    return (decoded(name), decoded(value))
  }

  /// The text itself if it is not percent-encoded.
  private static func decoded(_ text: String) -> String {
    PercentEncoding.bytes(text).flatMap { String(validating: $0, as: UTF8.self) } ?? text
  }

  private static func type(_ texts: [String?]) -> ColumnType {
    let present = texts.compactMap { $0 }
    if present.isEmpty { return .string }
    if present.allSatisfy({ integer($0) != nil }) { return .int64 }
    return present.allSatisfy { CivilDate.parse($0) != nil } ? .date : .string
  }

  /// nil for numbers with leading zeros too: they are names.
  private static func integer(_ text: String) -> Int64? {
    guard let value = Int64(text), String(value) == text else { return nil }
    return value
  }

  private static func value(_ text: String?, _ type: ColumnType) -> ScalarValue {
    guard let text else { return .null }
    switch type {
    case .int64: return integer(text).map { .int($0) } ?? .null
    case .date: return CivilDate.parse(text).map { .int(Int64($0)) } ?? .null
    default: return .string(text)
    }
  }
}
