import Basics
import Columns
import Formats
import Jobs
import SQL

/// The options of a table of files, from the keys of its definition.
struct TableOptions {
  let options: FileTableOptions

  /// - Throws: `JobFileError` for an option that is wrong.
  init(_ definition: TableDefinition) throws {
    let values = definition.values
    var options = try values.optionalString("preset").map { try Presets.options($0) } ?? FileTableOptions()
    options.format = values.optionalString("format") ?? options.format
    options.maxRejectedShare = try values.number("maxRejectedShare")
    options.rejectedCap = try values.integer("rejectedCap")
    options.csv.header = values.optionalBool("header") ?? options.csv.header
    options.csv.delimiter = try TableOptions.byte(values, "delimiter") ?? options.csv.delimiter
    options.csv.quote = try TableOptions.byte(values, "quote") ?? options.csv.quote
    options.csv.escape = try TableOptions.byte(values, "escape") ?? options.csv.escape
    options.csv.null = values.optionalString("null") ?? options.csv.null
    options.csv.comment = try TableOptions.byte(values, "comment") ?? options.csv.comment
    options.csv.skip = try values.integer("skip")
    if case .array(let items)? = values.values["columns"] {
      var columns: [ColumnField] = []
      for item in items {
        guard case .array(let pair) = item, pair.count == 2, let name = pair[0].text, let type = pair[1].text
        else {
          throw values.error("columns", "expected names of types, found \(JSONText.compact(item))")
        }
        if name == "…" || name == "..." {
          options.infersMore = true
          continue
        }
        do {
          columns.append(ColumnField(name, try SQLScript.columnType(named: type), nullable: true))
        } catch {
          throw values.error("columns", "\"\(name)\": \(error.message)")
        }
      }
      options.columns = columns
    }
    self.options = options
  }

  private static func byte(_ values: FieldValues, _ name: String) throws -> UInt8? {
    guard let text = values.optionalString(name) else { return nil }
    let bytes = Array(text == "\\t" ? "\t".utf8 : text.utf8)
    guard bytes.count == 1 else {
      throw values.error(name, "expected one byte, found \(JSONText.quoted(text))")
    }
    return bytes[0]
  }
}
