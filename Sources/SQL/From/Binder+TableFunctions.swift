import Basics
import Columns
import Formats
import Query

extension Binder {
  /// A function in FROM: `unnest`, `generate_series`, `read_csv` and its like.
  func function(_ item: SyntaxNode, _ outer: Rows?) throws -> Relation {
    guard item.list("functions").count == 1, let call = item.list("functions")[0].list("items").first else {
      throw error("ROWS FROM is not supported", item)
    }
    guard call.kind == "FuncCall" else { throw error("this is not a function that gives rows", item) }
    let name = call.strings("funcname").last ?? ""
    switch name {
    case "unnest":
      guard let relation = try lateral(.oneRow, item, .inner, outer) else {
        throw error("unnest takes one list", call.location)
      }
      return relation
    case "generate_series": return try series(call, item)
    case "read_csv", "read_json", "read_parquet":
      if item.flag("ordinality") { throw error("WITH ORDINALITY is for unnest only", item) }
      let (paths, options) = try fileArguments(name, call)
      return try renamed(try files(paths, options, name, call.location), item, defaultName: name)
    default:
      let known = ["unnest", "generate_series", "read_csv", "read_json", "read_parquet"]
      throw error(
        "no function \"\(name)\" that gives rows", call.location,
        hint: Nearest.name(to: name, among: known).map { "did you mean \($0)?" }
          ?? "there are \(known.joined(separator: ", "))")
    }
  }

  /// `generate_series(1, 10, 2)` of constants.
  private func series(_ call: SyntaxNode, _ item: SyntaxNode) throws -> Relation {
    let limit = 1_000_000
    let bounds = try call.list("args").map { argument in
      let bound = try bind(argument, Rows(.oneRow, outer: nil, clause: "generate_series"))
      guard case .literal(.int(let value), _) = try coerce(bound, to: .int64, argument.nearestLocation) else {
        throw error("generate_series takes constant integers", argument)
      }
      return value
    }
    guard bounds.count == 2 || bounds.count == 3 else {
      throw error("generate_series takes a start, an end and a step", call.location)
    }
    let step = bounds.count == 3 ? bounds[2] : 1
    guard step != 0 else { throw error("the step of generate_series must not be 0", call.location) }
    let count = (Double(bounds[1]) - Double(bounds[0])) / Double(step) + 1
    guard count <= Double(limit) else {
      throw error("generate_series gives at most \(limit) rows", call.location)
    }
    let values = stride(from: bounds[0], through: bounds[1], by: Int(step)).map { ScalarValue.int($0) }
    let scope = try elementScope(item, .int64, element: 0, ordinality: 1)
    var named = scope
    if item.node("alias") == nil {
      named.tables = ["generate_series"]
      for index in named.entries.indices {
        named.entries[index].table = "generate_series"
        if index == 0 { named.entries[index].name = "generate_series" }
      }
    }
    let unnest = Unnest(
      list: .literal(.list(values), .list(.int64)), names: [named.entries.first?.name ?? "generate_series"],
      expandsStructs: false, ordinality: item.flag("ordinality") ? "ordinality" : nil, isOuter: false)
    return Relation(.unnest(Relation.oneRow.plan, unnest), named)
  }

  private func fileArguments(_ name: String, _ call: SyntaxNode) throws -> ([String], FileTableOptions) {
    var paths: [String] = []
    var options = FileTableOptions(
      format: name == "read_csv" ? "csv" : name == "read_parquet" ? "parquet" : nil)
    var seen: Set<String> = []
    for (position, argument) in call.list("args").enumerated() {
      if argument.kind == "NamedArgExpr", let value = argument.node("arg") {
        let key = argument.text("name") ?? ""
        guard seen.insert(key.lowercased()).inserted else {
          throw error("\(key) is given twice", argument.location)
        }
        try setOption(&options, key, value, argument.location, name)
        continue
      }
      guard position == 0 else {
        throw error("\(name) takes the files first, then options as name => value", argument)
      }
      let items = argument.kind == "A_ArrayExpr" ? argument.list("elements") : [argument]
      paths = try items.map { try text($0, "the files of \(name)") }
    }
    guard !paths.isEmpty else { throw error("\(name) needs a file", call.location) }
    return (paths, options)
  }

  func text(_ node: SyntaxNode, _ what: String) throws -> String {
    guard node.kind == "A_Const", let text = node.node("sval")?.text("sval") else {
      throw error("\(what) must be a text in single quotes", node)
    }
    return text
  }
}
