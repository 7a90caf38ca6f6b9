import Basics

/// A heat map of the centroids: one row per column of the table, one column per segment.
struct CentroidsPicture {
  /// The maximum number of rows; those in which segments differ most are kept.
  private static let mostColumns = 60
  private static let cellWidth = 84
  private static let cellHeight = 26
  private static let headHeight = 24
  /// Number of standard deviations shown at full color.
  private static let strongest = 2.0

  let segments: ArraySlice<SegmentModel.Segment>
  let columns: [String]
  /// In original units, one row per segment.
  let centroids: [[Double]]
  let means: [Double]
  let deviations: [Double]

  var html: String {
    let shown = chosen
    let nameWidth = min(240, 16 + 8 * (shown.map { columns[$0].count }.max() ?? 0))
    let width = nameWidth + segments.count * CentroidsPicture.cellWidth
    let height = CentroidsPicture.headHeight + shown.count * CentroidsPicture.cellHeight
    var marks: [String] = []
    for (position, segment) in segments.enumerated() {
      let x = nameWidth + position * CentroidsPicture.cellWidth + CentroidsPicture.cellWidth / 2
      marks.append(
        "<text class=\"head\" x=\"\(x)\" y=\"16\" text-anchor=\"middle\">\(segment.segment)"
          + "<title>\(HTML.escaped(segment.label))</title></text>")
    }
    for (line, column) in shown.enumerated() {
      let y = CentroidsPicture.headHeight + line * CentroidsPicture.cellHeight
      marks.append(name(columns[column], y: y))
      for (position, segment) in segments.enumerated() {
        marks.append(
          cell(segment, column, x: nameWidth + position * CentroidsPicture.cellWidth, y: y))
      }
    }
    let left = columns.count - shown.count
    let note =
      left > 0 ? "\n" + HTML.tag("p", "\(left) columns in which segments differ less are not shown.") : ""
    return """
      <div class="wide" tabindex="0" role="group" aria-label="Centroids of the segments">
      <svg role="img" aria-label="Heat map of centroids" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)">
      \(marks.joined(separator: "\n"))
      </svg>
      </div>\(note)
      """
  }

  private func z(_ segment: Int, _ column: Int) -> Double {
    let deviation = deviations[column]
    return deviation > 0 ? (centroids[segment][column] - means[column]) / deviation : 0
  }

  /// The chosen columns, in table order.
  private var chosen: [Int] {
    guard columns.count > CentroidsPicture.mostColumns else { return Array(columns.indices) }
    func spread(_ column: Int) -> Double {
      segments.map { z($0.segment, column).magnitude }.max() ?? 0
    }
    let spreads = columns.indices.map(spread)
    return columns.indices.sorted { (spreads[$1], $0) < (spreads[$0], $1) }.prefix(
      CentroidsPicture.mostColumns
    )
    .sorted()
  }

  private func name(_ column: String, y: Int) -> String {
    let short = column.count > 28 ? String(column.prefix(27)) + "…" : column
    return
      "<text x=\"0\" y=\"\(y + 17)\">\(HTML.escaped(short))<title>\(HTML.escaped(column))</title></text>"
  }

  private func cell(_ segment: SegmentModel.Segment, _ column: Int, x: Int, y: Int) -> String {
    let z = z(segment.segment, column)
    let strength = HTML.number(min(z.magnitude / CentroidsPicture.strongest, 1) * 0.6)
    let value = Quantity.number(centroids[segment.segment][column])
    let told =
      "\(columns[column]) of segment \(segment.segment): \(value), \(HTML.number(z)) standard deviations"
    return """
      <g><rect class="\(z < 0 ? "low" : "high")" x="\(x + 1)" y="\(y + 1)" width="\(CentroidsPicture.cellWidth - 2)" \
      height="\(CentroidsPicture.cellHeight - 2)" rx="2" fill-opacity="\(strength)"/>\
      <text x="\(x + CentroidsPicture.cellWidth / 2)" y="\(y + 17)" text-anchor="middle">\(HTML.escaped(value))</text>\
      <title>\(HTML.escaped(told))</title></g>
      """
  }
}
