import Basics
import Foundation

/// One bar per segment, with a length proportional to its share of users.
struct SizesPicture {
  let segments: ArraySlice<SegmentModel.Segment>

  var html: String {
    let longest = max(segments.map(\.share).max() ?? 1, .leastNormalMagnitude)
    let rows = segments.map { segment in
      let width = HTML.number(max(0, segment.share / longest) * 100)
      let share = String(format: "%.1f %%", segment.share * 100)
      return """
        <div class="row"><span class="name"><b>\(segment.segment)</b> \(HTML.escaped(segment.label))</span>\
        <svg role="img" aria-label="\(share) of all users" height="18" width="100%">\
        <rect class="bar" width="\(width)%" height="18" rx="2"/></svg>\
        <span class="value">\(Quantity.count(segment.size)) <small>\(share)</small></span></div>
        """
    }
    return "<div class=\"sizes\">\n\(rows.joined(separator: "\n"))\n</div>"
  }
}
