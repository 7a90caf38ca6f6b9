import Columns

/// The reference of functions, docs/sql-functions.md.
package enum FunctionReference {
  package static var markdown: String {
    var lines = [
      "# SQL functions", "",
      "Made from the registry of functions (`Sources/Query/Functions`, `Sources/Query/Aggregates`); CONTRIBUTING.md says how.",
      "",
      "Unless a line says otherwise, a scalar function is null if an argument is null. `any` is any type, `same` one type for all",
      "arguments marked so, `element` the type of the list's elements, `…` any number of the last argument. Arguments are cast",
      "implicitly as in PostgreSQL: to a wider number, from date to timestamp to timestamptz, and a literal in quotes to what is",
      "needed.", "",
    ]
    for group in Functions.groups {
      lines += ["## \(group.title)", "", "| function | result | what it is | example |", "|---|---|---|---|"]
      lines += group.functions.map(row)
      lines.append("")
    }
    lines += [
      "## Aggregates", "",
      "Nulls do not count unless a line says otherwise. All take `FILTER (WHERE …)`, `DISTINCT` and `ORDER BY`.",
      "",
      "| function | what it is |", "|---|---|",
    ]
    lines += Aggregates.all.map { "| \(code($0.signature)) | \(escaped($0.help)) |" }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func row(_ function: Function) -> String {
    let calls = function.overloads.map { code(call(function.name, $0)) }
    var help = function.help
    let errors = Set(function.overloads.compactMap(\.errors)).sorted()
    if !errors.isEmpty {
      help += " " + errors.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }.joined(separator: " ")
    }
    let isCustom = function.overloads.contains { if case .custom = $0.nulls { true } else { false } }
    if isCustom, !help.contains("null") { help += " Null arguments are values." }
    return "| \(calls.joined(separator: "<br>")) | \(results(function)) | \(escaped(help)) "
      + "| \(function.example.map(code) ?? "") |"
  }

  private static func call(_ name: String, _ overload: Overload) -> String {
    let types = overload.parameters.map(\.text)
    if name == "[]" { return "\(types[0])[\(types[1])]" }
    if name.first?.isLetter ?? false, !name.contains(" ") { return "\(name)(\(overload.parametersText))" }
    switch types.count {
    case 1: return "\(name) \(types[0])"
    case 3: return "\(types[0]) \(name) \(types[1]) escape \(types[2])"
    default: return "\(types[0]) \(name) \(types[1])"
    }
  }

  /// The types of the results, in the order of the overloads; those that depend on the arguments are tried on decimals and lists.
  private static func results(_ function: Function) -> String {
    var names: [String] = []
    for overload in function.overloads {
      let types = overload.parameters.map { parameter -> ColumnType in
        switch parameter {
        case .exactly(let type): type
        case .decimal: .decimal(precision: 12, scale: 2)
        case .list: .list(.int32)
        case .element, .any, .same: .int32
        case .structure: .structure([])
        }
      }
      let name: String
      if overload.parameters.contains(.decimal), case .decimal? = overload.result(types) {
        name = "decimal"
      } else if overload.parameters.contains(.same), overload.result(types) != .bool {
        name = overload.result(types) == .list(.int32) ? "list" : "same"
      } else if overload.parameters.contains(.list), let result = overload.result(types), result == .int32,
        function.name == "[]"
      {
        name = "element"
      } else if let result = overload.result(types) {
        name =
          result == .list(.int32)
          ? "list" : result.isNested && overload.parameters == [.any] ? "struct" : result.sqlName
      } else {
        continue
      }
      if !names.contains(name) { names.append(name) }
    }
    return names.joined(separator: ", ")
  }

  private static func code(_ text: String) -> String { "`\(escaped(text))`" }

  /// A bar would end the cell, in code too.
  private static func escaped(_ text: String) -> String {
    text.replacing("|", with: "\\|").replacing("\n", with: " ")
  }
}
