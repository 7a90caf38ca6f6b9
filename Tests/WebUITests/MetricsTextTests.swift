import Telemetry
import Testing
import WebUI

@Suite struct MetricsTextTests {
  @Test func labelsAreEscaped() {
    var text = MetricsText()
    text.add("x_total", "counter", "Some.", [([("name", "a\"b\\c\nd")], 3)])
    #expect(
      text.text == "# HELP x_total Some.\n# TYPE x_total counter\nx_total{name=\"a\\\"b\\\\c\\nd\"} 3\n")
  }

  @Test func histogramsAreCumulative() {
    var histogram = SecondsHistogram(0.5, 1)
    for value in [0.5, 0.7, 3, 0.1] { histogram.add(value) }
    var text = MetricsText()
    text.histogram("t_seconds", "Times.", [([("k", "v")], histogram)])
    #expect(
      text.text.split(separator: "\n").dropFirst(2).map(String.init) == [
        "t_seconds_bucket{k=\"v\",le=\"0.5\"} 2", "t_seconds_bucket{k=\"v\",le=\"1\"} 3",
        "t_seconds_bucket{k=\"v\",le=\"+Inf\"} 4", "t_seconds_sum{k=\"v\"} 4.3", "t_seconds_count{k=\"v\"} 4",
      ])
  }
}
