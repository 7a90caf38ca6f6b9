import Basics
import Columns

/// What a query can ask of the program and its values' types.
enum SystemFunctions {
  static let group = FunctionGroup(
    "System",
    [
      Function(
        "version", [text { _ in Version.build }], help: "The name and version of the program.",
        example: "starts_with(version(), 'swiftlet') = true"),
      Function(
        "current_setting",
        [
          Overload([.exactly(.string)], result: { _ in .string }, errors: "an error for an unknown setting") {
            arguments in
            try arguments.withStrings(0) { names in
              try arguments.strings { row, bytes in
                guard names.text(row).lowercased() == "timezone" else {
                  throw QueryError("no setting '\(names.text(row))'; there is TimeZone")
                }
                bytes += arguments.session.timeZone.utf8
              }
            }
          }
        ], help: "The value of a setting: `TimeZone`.", example: "current_setting('TimeZone') = 'UTC'"),
      typeOf, typeOf.named("typeof"),
    ])

  private static let typeOf = Function(
    "pg_typeof",
    [
      Overload([.any], nulls: .custom, result: { _ in .string }) { arguments in
        try arguments.strings { $1 += arguments.vectors[0].type.sqlName.utf8 }
      }
    ], help: "The type of a value, as text.", example: "pg_typeof(1) = 'integer'")

  private static func text(_ body: @escaping @Sendable (Arguments) -> String) -> Overload {
    Overload([], result: { _ in .string }) { arguments in
      let text = body(arguments)
      return try arguments.strings { $1 += text.utf8 }
    }
  }
}
