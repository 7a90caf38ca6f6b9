// Numbers for people, independent of the locale.
import Foundation

package enum Quantity {
  /// `2,000,000`
  package static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// `1 task`, `2,000 tasks`
  package static func count(_ value: Int, _ noun: String) -> String {
    "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
  }

  /// Three significant digits; integer digits are all kept: `0.417`, `12.3`, `1,234`.
  package static func number(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    let magnitude = value.magnitude
    if magnitude >= 1e15 { return String(format: "%.3g", value) }
    if magnitude >= 100 { return (value < 0 ? "-" : "") + count(Int(magnitude.rounded())) }
    if magnitude != 0, magnitude < 0.001 { return String(format: "%.2g", value) }
    let digits = magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3
    var text = String(format: "%.\(digits)f", value)
    while text.hasSuffix("0") { text.removeLast() }
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// `512 B`, `1.2 GB` (powers of 1000)
  package static func bytes(_ value: Double) -> String {
    guard value.isFinite, value >= 0 else { return "0 B" }
    var value = value
    var unit = 0
    let units = ["B", "kB", "MB", "GB", "TB", "PB"]
    while value >= 999.5, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return (unit == 0 || value >= 99.95 ? decimal(value, 0) : decimal(value, 1)) + " " + units[unit]
  }

  /// `0.21 s`, `3.1 s`, `2 min 05 s`, `1 h 02 min`
  package static func seconds(_ value: Double) -> String {
    guard value.isFinite, value >= 0, value < 1e9 else { return "0 s" }
    if value < 0.995 { return decimal(value, 2) + " s" }
    if value < 59.95 { return decimal(value, 1) + " s" }
    let whole = Int(value.rounded())
    if whole < 3600 { return "\(whole / 60) min \(PlainText.zeroPadded(whole % 60, 2)) s" }
    return "\(whole / 3600) h \(PlainText.zeroPadded(whole / 60 % 60, 2)) min"
  }

  /// For values up to some billions, with `places` decimals.
  package static func decimal(_ value: Double, _ places: Int) -> String {
    let scale = places == 0 ? 1 : places == 1 ? 10 : places == 2 ? 100 : 1000
    let scaled = Int((value * Double(scale)).rounded())
    guard places > 0 else { return "\(scaled)" }
    let (whole, fraction) = scaled.magnitude.quotientAndRemainder(dividingBy: UInt(scale))
    return "\(scaled < 0 ? "-" : "")\(whole).\(PlainText.zeroPadded(fraction, places))"
  }
}
