import Basics
import CommandLine
import Jobs
import Transport
import Wire

/// The command line of `swift-submit sql`.
struct SQLOptions: Sendable {
  static func command(of program: String) -> Command {
    Command(
      "\(program) sql",
      summary: "Runs SQL queries over files and tables and prints their rows.",
      positional: "\"QUERY\"",
      options: [
        .option("master", "MASTER", default: "local[*]", help: "Where to run: \(Master.forms)."),
        .list("table", "NAME=PATH", help: "Names a file, folder or pattern; the query reads it as a table."),
        .option("job", "FILE", help: "Job file whose tables the query may name."),
        .list("set", "NAME=VALUE", help: "Sets a variable of the job file; the last value wins."),
        .list(
          "conf", "NAME=VALUE", help: "Sets an engine setting (s3.…, kafka.…); replaces the job file's conf."),
        .option(
          "preset", "NAME",
          help: "The tool whose raw export the files of --table hold; the tables then have the event schema."),
        .flag("show", help: "Prints the SQL of --preset, to copy and change."),
        .option("file", "FILE", help: "Reads the query from a file; also -f."),
        .flag("csv", help: "Prints CSV (RFC 4180)."),
        .flag("json", help: "Prints one JSON array of objects."),
        .option("output", "PATH", help: "Writes the rows to files in a folder instead of the terminal."),
        .option("format", "FORMAT", help: "With --output: parquet (default), jsonl or csv."),
        .option("time-zone", "ZONE", default: "UTC", help: "IANA name of the session's time zone."),
        .option(
          "secret-file", "FILE",
          help: "File with the secret shared with the driver. Default: the variable \(Secret.variable)."),
      ] + CommandOption.tls,
      example: """
        \(program) sql "SELECT event_type, count(*) FROM \\"events/*.jsonl\\" GROUP BY 1 ORDER BY 2 DESC"
        \(program) sql "SUMMARIZE \\"visits.csv\\""
        \(program) sql --table v=visits.csv --csv "SELECT * FROM v LIMIT 10"
        \(program) sql --preset ga4 --show
        """)
  }

  let arguments: CommandArguments
  let master: Master
  let settings: [(name: String, value: String)]
  let configuration: [(name: String, value: String)]
  let tables: [(name: String, path: String)]

  init(_ arguments: CommandArguments) throws(UsageError) {
    self.arguments = arguments
    master = try Master(try arguments.required("master"))
    settings = try arguments.pairs("set")
    configuration = try arguments.pairs("conf")
    tables = try arguments.pairs("table").map { ($0.name, $0.value) }
    if case .spark = master { throw UsageError("--master: queries do not run on Spark") }
    if arguments.flag("csv"), arguments.flag("json") { throw UsageError("give either --csv or --json") }
    if arguments.value("format") != nil, arguments.value("output") == nil {
      throw UsageError("--format: goes with --output")
    }
  }

  /// A job file with one query step.
  func job(_ sql: String, jobFile: String?) throws -> JSONValue {
    var members: [String: JSONValue] = [:]
    if let jobFile, case .object(let found) = try JSONText.parse(jobFile) { members = found }
    var tables: [String: JSONValue] = [:]
    if case .object(let found)? = members["tables"] {
      let order = ColumnOrder(jobFile ?? "{}")
      for (name, table) in found {
        tables[name] = table
        guard case .object(var keys) = table, let columns = keys["columns"] else { continue }
        keys["columns"] = order.ordered(columns, of: name)
        tables[name] = .object(keys)
      }
    }
    for (name, path) in self.tables {
      var table: [String: JSONValue] = ["files": Variables.escaped(.string(path))]
      table["preset"] = arguments.value("preset").map { .string($0) }
      tables[name] = .object(table)
    }
    members["tables"] = .object(tables)
    var step: [String: JSONValue] = [
      "type": "query", "sql": Variables.escaped(.string(sql)),
      "timeZone": .string(try arguments.required("time-zone")),
    ]
    if let output = arguments.value("output") { step["output"] = Variables.escaped(.string(output)) }
    step["format"] = arguments.value("format").map { .string($0) }
    members["steps"] = .array([.object(step)])
    return .object(members)
  }
}
