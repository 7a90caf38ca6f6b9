import Basics

/// Guesses what a rejected line is instead of an event, for error messages.
enum LineHint {
  private static let mostKeys = 12
  private static let longestValue = 40

  /// - Parameter line: The line, perhaps cut.
  /// - Returns: nil if there is nothing helpful to say.
  static func text(_ line: [UInt8], reason: RejectReason) -> String? {
    switch reason {
    case .malformed, .notAnObject: return format(line).map { "looks like \($0)" }
    case .missingEventType, .missingTimestamp, .missingUserID: return keys(line, missing: reason)
    case .wrongEventType: return value("event_type", line)
    case .wrongTimestamp, .badTimestamp: return value("timestamp", line)
    case .wrongUserID: return value("user_id", line)
    }
  }

  /// The format that the line seems to be of.
  private static func format(_ line: [UInt8]) -> String? {
    if line.starts(with: "PAR1".utf8) { return "Parquet" }
    if line.contains(where: { $0 < 0x20 && $0 != 0x09 && $0 != 0x0d }) { return "binary data" }
    guard let first = line.first(where: { $0 != 0x20 && $0 != 0x09 }) else { return nil }
    let text = line.filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d }
    switch first {
    case UInt8(ascii: "["): return "a JSON array"
    case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "]"):
      return text.count <= 2 ? "JSON over several lines" : nil
    default: break
    }
    if first == UInt8(ascii: "\""), text.contains(UInt8(ascii: ":")),
      text.last == UInt8(ascii: ",") || line.first != first
    {
      return "JSON over several lines"
    }
    let separators = [",", ";", "\t", "|"].map { character in
      line.count { $0 == character.utf8.first }
    }
    return (separators.max() ?? 0) >= 2 ? "CSV" : nil
  }

  private static func keys(_ line: [UInt8], missing reason: RejectReason) -> String? {
    guard let object = object(line) else { return nil }
    if reason == .missingUserID, object["user_id"] != nil { return "user_id is empty" }
    if object.isEmpty { return "found no keys" }
    let names = object.keys.sorted().prefix(mostKeys).map { cut($0) }
    return "found keys \(names.joined(separator: ", "))\(object.count > mostKeys ? ", …" : ""); "
      + "is this another format?"
  }

  private static func value(_ name: String, _ line: [UInt8]) -> String? {
    guard let value = object(line)?[name] else { return nil }
    switch value {
    case .object: return "found an object"
    case .array: return "found an array"
    default: return "found \(cut(JSONText.compact(value)))"
    }
  }

  private static func object(_ line: [UInt8]) -> [String: JSONValue]? {
    guard let text = String(validating: line, as: UTF8.self),
      case .object(let members)? = try? JSONText.parse(text)
    else { return nil }
    return members
  }

  private static func cut(_ text: String) -> String {
    text.count > longestValue ? "\(text.prefix(longestValue))…" : text
  }
}
