import Basics
import Columns
import Formats

extension Binder {
  private static let commonKeys = ["columns", "maxRejectedShare", "rejectedCap", "format"]
  private static let csvKeys = ["header", "delimiter", "quote", "escape", "null", "comment", "skip"]

  /// One `name => value` of `read_csv` and its like.
  func setOption(
    _ options: inout FileTableOptions, _ key: String, _ value: SyntaxNode, _ position: Int, _ function: String
  ) throws {
    // Unquoted names come in lower case.
    let keys = Self.commonKeys + (function == "read_csv" ? Self.csvKeys : [])
    guard let known = keys.first(where: { $0.lowercased() == key.lowercased() }) else {
      throw error(
        "\(function) has no option \"\(key)\"", position,
        hint: Nearest.name(to: key, among: keys).map { "did you mean \($0)?" }
          ?? "there are \(keys.joined(separator: ", "))")
    }
    switch known {
    case "columns": (options.columns, options.infersMore) = try columns(value)
    case "maxRejectedShare":
      let share = try number(value, known)
      guard (0...1).contains(share) else { throw error("maxRejectedShare must be from 0 to 1", value) }
      options.maxRejectedShare = share
    case "rejectedCap": options.rejectedCap = try count(value, known) ?? options.rejectedCap
    case "format": options.format = try text(value, known)
    case "header":
      guard value.kind == "A_Const", let flag = value.node("boolval") else {
        throw error("header must be true or false", value)
      }
      options.csv.header = flag.flag("boolval")
    case "delimiter": options.csv.delimiter = try byte(value, known)
    case "quote": options.csv.quote = try byte(value, known)
    case "escape": options.csv.escape = try byte(value, known)
    case "comment": options.csv.comment = try byte(value, known)
    case "null": options.csv.null = try text(value, known)
    default: options.csv.skip = try count(value, known) ?? 0
    }
  }

  private func number(_ node: SyntaxNode, _ what: String) throws -> Double {
    let constant = node.kind == "A_Const" ? node : nil
    if let text = constant?.node("fval")?.text("fval"), let value = Double(text) { return value }
    if let integer = constant?.node("ival") { return Double(integer.number("ival")) }
    throw error("\(what) must be a number", node)
  }

  private func byte(_ node: SyntaxNode, _ what: String) throws -> UInt8 {
    let value = try text(node, what)
    if value == "\\t" { return UInt8(ascii: "\t") }
    guard let byte = value.utf8.first, value.utf8.count == 1 else {
      throw error("\(what) must be one byte", node)
    }
    return byte
  }

  /// `'{"a": "bigint", "…": "infer"}'`, in that order.
  private func columns(_ node: SyntaxNode) throws -> ([ColumnField], Bool) {
    var json = try text(node, "columns")
    var fields: [ColumnField] = []
    var infersMore = false
    do {
      try json.withUTF8 { bytes in
        var scanner = JSONScanner(UnsafeRawBufferPointer(bytes))
        scanner.skipSpace()
        try scanner.object { scanner, key in
          let name = try scanner.decoded(key)
          let type = try scanner.decoded(try scanner.string())
          if infersMore { throw error("\"…\": \"infer\" must be the last of columns", node) }
          if type == "infer", name == "…" || name == "..." {
            infersMore = true
            return
          }
          guard !fields.contains(where: { $0.name.hasSameBytes(as: name) }) else {
            throw error("column \"\(name)\" is given twice", node)
          }
          do {
            fields.append(ColumnField(name, try Binder.columnType(named: type, shared), nullable: true))
          } catch let cause as SQLError {
            throw error("column \"\(name)\": \(cause.message)", node, hint: cause.hint)
          }
        }
        try scanner.end()
      }
    } catch let fault as JSONFault {
      throw error("columns must be a JSON object of names and types: \(fault)", node)
    }
    return (fields, infersMore)
  }
}
