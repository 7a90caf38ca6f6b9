import Basics

/// The contents of `_report.html`: the segments as one self-contained page. The same model produces the same bytes. The name
/// starts with `_` so that readers of the table (Athena, Spark) skip it.
package struct SegmentReport: Sendable {
  package static let fileName = "_report.html"
  /// The maximum number of segments shown; the page says how many are left out.
  static let mostSegments = 40

  private let model: SegmentModel
  private let title: String
  /// Moments of each column over all rows, in the model's column order.
  private let deviations: [Double]
  private let means: [Double]

  /// - Parameters:
  ///   - title: The page's heading; may be any text.
  ///   - moments: Moments of the model's columns over all rows, in original units.
  package init(_ model: SegmentModel, title: String, moments: Moments) {
    self.model = model
    self.title = title
    deviations = model.columns.indices.map { moments.deviation($0) }
    means = moments.mean
  }

  package var html: String {
    let shown = model.segments.prefix(SegmentReport.mostSegments)
    let left = model.segments.count - shown.count
    var parts = [
      HTML.tag("h1", title), HTML.tag("p", SegmentTable.headline(model) + "."),
      section("Sizes", SizesPicture(segments: shown).html),
    ]
    if left > 0 {
      parts.append(HTML.tag("p", "\(Quantity.count(left)) smaller segments are not shown."))
    }
    parts.append(
      section(
        "What sets each segment apart",
        HTML.tag(
          "p",
          "Bars go to the right where a segment is above the average user and to the left where it is "
            + "below, in standard deviations over all users; the longest bars are 3 of them or more.",
          classes: "note")
          + shown.map { TraitsPicture(segment: $0).html }.joined(separator: "\n")))
    parts.append(
      section(
        "Centroids",
        HTML.tag(
          "p",
          "The mean of every column in each segment. The colour tells how far it is from the mean of all users.",
          classes: "note")
          + CentroidsPicture(
            segments: shown, columns: model.columns, centroids: model.centersOriginal, means: means,
            deviations: deviations
          ).html))
    if let choice = model.choice {
      parts.append(
        section(
          "Why \(choice.clusters) segments", HTML.tag("p", choice.why + ".") + ChoicePicture(choice).html))
    }
    parts.append(
      HTML.tag(
        "footer",
        "Seed \(model.seed), \(model.columns.count) columns, "
          + (model.standardize ? "standardized" : "not standardized")
          + ". All numbers are in \(SegmentModel.fileName) beside this file."))
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <title>\(HTML.escaped(title))</title>
      <style>
      \(ReportStyle.css)</style>
      </head>
      <body>
      <main>
      \(parts.joined(separator: "\n"))
      </main>
      </body>
      </html>

      """
  }

  private func section(_ heading: String, _ content: String) -> String {
    "<section>\n\(HTML.tag("h2", heading))\n\(content)\n</section>"
  }
}
