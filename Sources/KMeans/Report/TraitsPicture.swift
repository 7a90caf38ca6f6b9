import Basics
import Foundation

/// One segment described in words and as bars on both sides of the average.
struct TraitsPicture {
  /// The length of a full bar in standard deviations; larger values are clipped.
  private static let longest = 3.0

  let segment: SegmentModel.Segment

  var html: String {
    let share = String(format: "%.1f %%", segment.share * 100)
    let telling = segment.distinctive.filter { $0.z.magnitude >= SegmentLabels.noticeable }
    let words =
      telling.isEmpty
      ? "Much like the average user." : telling.prefix(4).map(SegmentTable.describe).joined(separator: " · ")
    let rows = segment.distinctive.map(row).joined(separator: "\n")
    return """
      <article>
      <h3><b>\(segment.segment)</b> \(HTML.escaped(segment.label)) \
      <small>\(Quantity.count(segment.size)) users, \(share)</small></h3>
      \(HTML.tag("p", words))
      <div class="traits">
      \(rows)
      </div>
      </article>
      """
  }

  private func row(_ trait: SegmentModel.Trait) -> String {
    let length = min(trait.z.magnitude / TraitsPicture.longest, 1) * 50
    let start = trait.z < 0 ? 50 - length : 50
    let z = String(format: "%+.2f", trait.z)
    let value = "\(Quantity.number(trait.value)) vs \(Quantity.number(trait.overall))"
    return """
      <div class="row"><span class="name">\(HTML.escaped(trait.column))</span>\
      <svg role="img" aria-label="\(z) standard deviations" height="14" width="100%">\
      <rect class="\(trait.z < 0 ? "low" : "high")" x="\(HTML.number(start))%" width="\(HTML.number(length))%" height="14"/>\
      <line class="axis" x1="50%" x2="50%" y1="0" y2="14"/></svg>\
      <span class="value">\(HTML.escaped(value))</span></div>
      """
  }
}
