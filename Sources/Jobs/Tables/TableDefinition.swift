import Basics

/// A table of a job file, checked by itself: files, a preset over files, or SQL over other tables.
package struct TableDefinition: Hashable, Sendable {
  package let name: String
  package let values: FieldValues

  /// Every key of a table.
  package static let fields: [Field] = [
    Field(
      "files", .uris, role: .input, optional: true,
      help: "Files, folders or patterns such as \"s3://bucket/raw/*.csv.gz\"; a text or a list."),
    Field(
      "sql", .string, optional: true, help: "A query over other tables or files; the table is its result."),
    Field("sqlFile", .contents(field: "sql"), optional: true, help: "The path of a file with the query."),
    Field(
      "preset", .string, optional: true,
      help:
        "The name of a tool whose raw export the files hold, such as \"ga4\": the table has the event schema."
    ),
    Field(
      "format", .choice(["jsonl", "json", "csv", "parquet"]), optional: true,
      help: "The format of the files. Default: what their names and first bytes say."),
    Field(
      "columns", .object, optional: true,
      help:
        "Names and types of the columns to read. With \"…\": \"infer\" as the last, the others are inferred."),
    Field(
      "maxRejectedShare", .number(min: 0, max: 1), default: .number(0.05),
      help: "The share of records that may be rejected before a step that reads the table fails."),
    Field(
      "rejectedCap", .integer(min: 0, max: 1_000_000), default: .integer(1000),
      help: "Rejected records to keep for a look."),
    Field("header", .bool, optional: true, help: "CSV: whether the first line has the names of the columns."),
    Field("delimiter", .string, optional: true, help: "CSV: the byte between fields."),
    Field("quote", .string, optional: true, help: "CSV: the byte around quoted fields."),
    Field("escape", .string, optional: true, help: "CSV: the byte before a quote inside of quotes."),
    Field("null", .string, optional: true, help: "CSV: the text of a null, beside the empty field."),
    Field("comment", .string, optional: true, help: "CSV: lines that begin with this byte are left out."),
    Field(
      "skip", .integer(min: 0, max: 1_000_000), default: .integer(0), help: "CSV: lines before the header."),
  ]

  /// - Throws: `JobFileError` unless the table has exactly one source.
  init(_ name: String, _ values: FieldValues) throws(JobFileError) {
    self.name = name
    self.values = values
    let hasFiles = values.values["files"] != nil
    let hasSQL = values.values["sql"] != nil
    guard hasFiles != hasSQL else {
      throw JobFileError(location: values.location, message: "expected either \"files\" or \"sql\"")
    }
    if hasSQL, values.values["preset"] != nil {
      throw values.error("preset", "goes with \"files\", not with \"sql\"")
    }
  }
}
