import Basics
import Foundation

/// Formats the segments as a human-readable table.
package enum SegmentTable {
  private static let barWidth = 20

  package static func text(_ model: SegmentModel) -> String {
    var lines = [headline(model), ""]
    let users = model.segments.map { Quantity.count($0.size) }
    let width = max(5, users.map(\.count).max() ?? 0)
    let longest = model.segments.map(\.share).max() ?? 1
    lines.append("  segment  \(PlainText.padded("users", width, left: true))   share")
    for (segment, count) in zip(model.segments, users) {
      let share = String(format: "%5.1f %%", segment.share * 100)
      let bar = PlainText.padded(PlainText.bar(segment.share / longest, width: barWidth), barWidth)
      lines.append(
        "  \(PlainText.padded(String(segment.segment), 7))  \(PlainText.padded(count, width, left: true)) \(share)  \(bar)  \(segment.label)"
      )
      let traits = segment.distinctive.filter { $0.z.magnitude >= SegmentLabels.noticeable }.prefix(4)
      if !traits.isEmpty {
        lines.append(
          String(repeating: " ", count: 9 + 2) + traits.map(describe).joined(separator: " · "))
      }
    }
    if let choice = model.choice { lines += ["", "  Why " + choice.why + "."] + table(choice) }
    return lines.joined(separator: "\n")
  }

  static func headline(_ model: SegmentModel) -> String {
    let rows = Quantity.count(model.sizes.reduce(0, +))
    let segments = model.segments.count == 1 ? "1 segment" : "\(model.segments.count) segments"
    var facts = ["\(segments) of \(rows) users", "cost \(Quantity.number(model.cost))"]
    if let silhouette = model.silhouette {
      facts.append("simplified silhouette \(Quantity.number(silhouette))")
    }
    facts.append("\(model.iterations) iteration\(model.iterations == 1 ? "" : "s")")
    if !model.converged { facts.append("not converged: raise maxIterations") }
    if model.segments.count < model.requestedClusters {
      facts.append("\(model.requestedClusters) were asked for, but the rows are too much alike")
    }
    return facts.joined(separator: " · ")
  }

  /// Describes a trait, for example `purchases 6.2× the average` or `night_share 0.61 vs 0.18`.
  static func describe(_ trait: SegmentModel.Trait) -> String {
    let ratio = trait.value / trait.overall
    if trait.overall > 0, trait.value >= 0, !trait.column.hasSuffix("_share"), ratio >= 1.5 || ratio <= 0.67 {
      return "\(trait.column) \(Quantity.number(ratio))× the average"
    }
    return "\(trait.column) \(Quantity.number(trait.value)) vs \(Quantity.number(trait.overall))"
  }

  private static func table(_ choice: ClusterChoice) -> [String] {
    ["  clusters          cost  silhouette  smallest"]
      + choice.tried.map { row in
        let silhouette = row.silhouette.map { String(format: "%.3f", $0) } ?? "–"
        let cells = [
          PlainText.padded(String(row.clusters), 8, left: true),
          PlainText.padded(Quantity.number(row.cost), 14, left: true),
          PlainText.padded(silhouette, 12, left: true),
          PlainText.padded(String(format: "%.1f %%", row.smallestShare * 100), 10, left: true),
        ]
        return "  " + cells.joined() + (row.clusters == choice.clusters ? "  ← chosen" : "")
      }
  }
}
