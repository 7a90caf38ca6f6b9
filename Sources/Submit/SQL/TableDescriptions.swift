import Columns
import Query

/// What DESCRIBE, SHOW TABLES and SUMMARIZE show.
enum TableDescriptions {
  static func columns(_ fields: [ColumnField]) -> ColumnBatch {
    texts(["column", "type"], [fields.map(\.name), fields.map(\.type.sqlName)])
  }

  static func names(_ names: [String]) -> ColumnBatch { texts(["table"], [names]) }

  private static func texts(_ names: [String], _ columns: [[String]]) -> ColumnBatch {
    ColumnBatch(
      fields: names.map { ColumnField($0, .string) },
      columns: columns.map { Column(.bytes(StringColumn($0))) },
      rows: columns[0].count)
  }

  /// A query with one row for each column of a table or query.
  /// - Parameter subject: A name as it stands in FROM, or a query.
  static func summary(_ subject: String, _ fields: [ColumnField]) -> String {
    let isQuery = ["select", "with", "values", "("].contains { subject.lowercased().hasPrefix($0) }
    let from = isQuery ? "(\(subject)) AS t" : subject
    let rows = fields.map { field in
      let name = "\"" + field.name.replacing("\"", with: "\"\"") + "\""
      let text = "'" + field.name.replacing("'", with: "''") + "'"
      let isPlain = !field.type.isNested && field.type != .json
      let isNumber = field.type.isNumeric
      func quantile(_ share: Double) -> String {
        isNumber ? "approx_percentile(\(name), \(share))::double precision" : "NULL::double precision"
      }
      return "SELECT \(text) AS \"column\", '\(field.type.sqlName)' AS type, count(*) AS rows, "
        + "count(*) - count(\(name)) AS nulls, "
        + (isPlain ? "approx_count_distinct(\(name)) AS \"distinct\", " : "NULL::bigint AS \"distinct\", ")
        + (isPlain
          ? "min(\(name))::text AS min, max(\(name))::text AS max, "
          : "NULL::text AS min, NULL::text AS max, ")
        + (isNumber ? "avg(\(name))::double precision AS avg, " : "NULL::double precision AS avg, ")
        + "\(quantile(0.25)) AS q25, \(quantile(0.5)) AS q50, \(quantile(0.75)) AS q75 FROM \(from)"
    }
    return rows.joined(separator: "\nUNION ALL\n")
  }
}
