import Basics

/// A heat map of the centres: a row a column of the table, a column a segment.
struct CentresPicture {
  /// More rows than people read. The ones in which segments differ most are kept.
  private static let mostColumns = 60
  private static let cellWidth = 84
  private static let cellHeight = 26
  private static let headHeight = 24
  /// Where the colour is full, in standard deviations.
  private static let strongest = 2.0

  let segments: ArraySlice<SegmentModel.Segment>
  let columns: [String]
  /// Original units, a row a segment.
  let centres: [[Double]]
  let means: [Double]
  let deviations: [Double]

  var html: String {
    let shown = chosen
    let nameWidth = min(240, 16 + 8 * (shown.map { columns[$0].count }.max() ?? 0))
    let width = nameWidth + segments.count * CentresPicture.cellWidth
    let height = CentresPicture.headHeight + shown.count * CentresPicture.cellHeight
    var marks: [String] = []
    for (place, segment) in segments.enumerated() {
      let x = nameWidth + place * CentresPicture.cellWidth + CentresPicture.cellWidth / 2
      marks.append(
        "<text class=\"head\" x=\"\(x)\" y=\"16\" text-anchor=\"middle\">\(segment.segment)"
          + "<title>\(HTML.escaped(segment.label))</title></text>")
    }
    for (line, column) in shown.enumerated() {
      let y = CentresPicture.headHeight + line * CentresPicture.cellHeight
      marks.append(name(columns[column], y: y))
      for (place, segment) in segments.enumerated() {
        marks.append(
          cell(segment, column, x: nameWidth + place * CentresPicture.cellWidth, y: y))
      }
    }
    let left = columns.count - shown.count
    let note =
      left > 0 ? "\n" + HTML.tag("p", "\(left) columns in which segments differ less are not shown.") : ""
    return """
      <div class="wide" tabindex="0" role="group" aria-label="Centres of the segments">
      <svg role="img" aria-label="Heat map of centres" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)">
      \(marks.joined(separator: "\n"))
      </svg>
      </div>\(note)
      """
  }

  private func z(_ segment: Int, _ column: Int) -> Double {
    let deviation = deviations[column]
    return deviation > 0 ? (centres[segment][column] - means[column]) / deviation : 0
  }

  /// In the order of the table.
  private var chosen: [Int] {
    guard columns.count > CentresPicture.mostColumns else { return Array(columns.indices) }
    func spread(_ column: Int) -> Double {
      segments.map { z($0.segment, column).magnitude }.max() ?? 0
    }
    let spreads = columns.indices.map(spread)
    return columns.indices.sorted { (spreads[$1], $0) < (spreads[$0], $1) }.prefix(CentresPicture.mostColumns)
      .sorted()
  }

  private func name(_ column: String, y: Int) -> String {
    let short = column.count > 28 ? String(column.prefix(27)) + "…" : column
    return
      "<text x=\"0\" y=\"\(y + 17)\">\(HTML.escaped(short))<title>\(HTML.escaped(column))</title></text>"
  }

  private func cell(_ segment: SegmentModel.Segment, _ column: Int, x: Int, y: Int) -> String {
    let z = z(segment.segment, column)
    let strength = HTML.number(min(z.magnitude / CentresPicture.strongest, 1) * 0.6)
    let value = PlainText.number(centres[segment.segment][column])
    let told =
      "\(columns[column]) of segment \(segment.segment): \(value), \(HTML.number(z)) standard deviations"
    return """
      <g><rect class="\(z < 0 ? "low" : "high")" x="\(x + 1)" y="\(y + 1)" width="\(CentresPicture.cellWidth - 2)" \
      height="\(CentresPicture.cellHeight - 2)" rx="2" fill-opacity="\(strength)"/>\
      <text x="\(x + CentresPicture.cellWidth / 2)" y="\(y + 17)" text-anchor="middle">\(HTML.escaped(value))</text>\
      <title>\(HTML.escaped(told))</title></g>
      """
  }
}
