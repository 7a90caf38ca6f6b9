import Basics

/// The silhouettes of the numbers of clusters that were tried.
struct ChoicePicture {
  private static let width = 560.0
  private static let height = 150.0
  private static let margin = 28.0

  private let choice: ClusterChoice

  init(_ choice: ClusterChoice) { self.choice = choice }

  var html: String {
    let tried = choice.tried
    let highest = max(tried.compactMap(\.silhouette).max() ?? 0, 0.001)
    let step = (ChoicePicture.width - 2 * ChoicePicture.margin) / Double(max(1, tried.count - 1))
    let usable = ChoicePicture.height - 2 * ChoicePicture.margin
    let points = tried.enumerated().map { index, row in
      (
        x: ChoicePicture.margin + Double(index) * step,
        y: ChoicePicture.margin + usable * (1 - max(0, row.silhouette ?? 0) / highest)
      )
    }
    let line = points.map { "\(HTML.number($0.x)),\(HTML.number($0.y))" }.joined(separator: " ")
    // Labels of a long sweep would overlap.
    let every = max(1, tried.count / 16)
    let marks = zip(tried, points).enumerated().map { index, mark in
      let (row, point) = mark
      let isChosen = row.clusters == choice.clusters
      let label =
        index % every == 0 || isChosen
        ? "<text x=\"\(HTML.number(point.x))\" y=\"\(HTML.number(ChoicePicture.height - 6))\" "
          + "text-anchor=\"middle\">\(row.clusters)</text>" : ""
      let value =
        isChosen
        ? "<text class=\"head\" x=\"\(HTML.number(point.x))\" y=\"\(HTML.number(point.y - 11))\" "
          + "text-anchor=\"middle\">\(row.silhouette.map(Quantity.number) ?? "none")</text>" : ""
      let told = "\(row.clusters) segments: \(row.silhouette.map(Quantity.number) ?? "none")"
      return "<g><circle class=\"\(isChosen ? "chosen" : "dot")\" cx=\"\(HTML.number(point.x))\" "
        + "cy=\"\(HTML.number(point.y))\" r=\"\(isChosen ? 6 : 3.5)\"/>\(label)\(value)<title>\(told)</title></g>"
    }
    return """
      <div class="wide" tabindex="0" role="group" aria-label="Silhouette by number of segments">
      <svg role="img" aria-label="Simplified silhouette by number of segments" width="560" height="150" viewBox="0 0 560 150">
      <polyline class="curve" points="\(line)"/>
      \(marks.joined(separator: "\n"))
      </svg>
      </div>
      """
  }
}
