import Basics
import Columns
import Query

/// Rows as a table on a terminal: columns aligned, numbers at the right, long text cut.
struct TablePrinter {
  /// Rows that are shown; the others are counted.
  private static let maxRows = 1000
  private static let maxCellWidth = 60

  private let style: TextStyle

  private let values: ValueText

  init(_ style: TextStyle, timeZone: String) throws {
    self.style = style
    values = try ValueText(timeZone: timeZone)
  }

  func text(_ batch: ColumnBatch) -> String {
    let shown = min(batch.rows, TablePrinter.maxRows)
    let cells = batch.fields.indices.map { column in
      (0..<shown).map { cell(batch, $0, column) }
    }
    let widths = batch.fields.indices.map { column in
      cells[column].reduce(min(batch.fields[column].name.count, TablePrinter.maxCellWidth)) {
        max($0, $1.count)
      }
    }
    let bar = style.unicode ? "│" : "|"
    var lines: [String] = []
    lines.append(
      line(
        batch.fields.indices.map {
          pad(style.clean(batch.fields[$0].name, width: widths[$0]), widths[$0], false)
        }, bar))
    let rule = widths.map { String(repeating: style.unicode ? "─" : "-", count: $0 + 2) }
    lines.append(rule.joined(separator: style.unicode ? "┼" : "+"))
    for row in 0..<shown {
      lines.append(
        line(
          batch.fields.indices.map { column in
            pad(cells[column][row], widths[column], isRight(batch.fields[column].type))
          }, bar))
    }
    if batch.rows > shown { lines.append("… \(Quantity.count(batch.rows - shown)) more rows") }
    return lines.joined(separator: "\n") + "\n"
  }

  private func line(_ cells: [String], _ bar: String) -> String {
    var text = " " + cells.joined(separator: " \(bar) ")
    while text.last == " " { text.removeLast() }
    return text
  }

  private func isRight(_ type: ColumnType) -> Bool { type.isNumeric }

  private func pad(_ text: String, _ width: Int, _ isRight: Bool) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return isRight ? space + text : text + space
  }

  private func cell(_ batch: ColumnBatch, _ row: Int, _ column: Int) -> String {
    let type = batch.fields[column].type
    let value = batch.columns[column].scalar(row, type)
    if value.isNull { return "" }
    return style.clean(values.text(value, type), width: TablePrinter.maxCellWidth)
  }
}
