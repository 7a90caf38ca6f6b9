import Basics
import Foundation
import Telemetry

/// Metrics in Prometheus' text form, version 0.0.4.
package struct MetricsText: Sendable {
  package static let type = "text/plain; version=0.0.4; charset=utf-8"

  package private(set) var text = ""

  package init() {}

  package mutating func gauge(_ name: String, _ help: String, _ value: Double) {
    add(name, "gauge", help, [([], value)])
  }

  /// - Parameter name: Ends in `_total`.
  package mutating func counter(_ name: String, _ help: String, _ value: Double) {
    add(name, "counter", help, [([], value)])
  }

  package mutating func add(
    _ name: String, _ type: String, _ help: String, _ samples: [([(String, String)], Double)]
  ) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    for (labels, value) in samples { sample(name, labels, value) }
  }

  package mutating func histogram(
    _ name: String, _ help: String, _ series: [([(String, String)], SecondsHistogram)]
  ) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) histogram\n"
    for (labels, histogram) in series {
      var total = 0
      for (limit, count) in zip(histogram.limits, histogram.counts) {
        total += count
        sample(name + "_bucket", labels + [("le", MetricsText.number(limit))], Double(total))
      }
      total += histogram.counts.last ?? 0
      sample(name + "_bucket", labels + [("le", "+Inf")], Double(total))
      sample(name + "_sum", labels, histogram.sum)
      sample(name + "_count", labels, Double(total))
    }
  }

  private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
    text += name
    if !labels.isEmpty {
      text += "{" + labels.map { "\($0.0)=\"\(MetricsText.escaped($0.1))\"" }.joined(separator: ",") + "}"
    }
    text += " \(MetricsText.number(value))\n"
  }

  private static func escaped(_ value: String) -> String {
    var text = ""
    for character in value.unicodeScalars {
      switch character {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(character)
      }
    }
    return text
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
  }

  package mutating func addBuild() {
    add(
      "swiftlet_build_info", "gauge", "The version of the driver; always 1.",
      [([("version", Version.current)], 1)])
  }

  package mutating func addHTTP(_ requests: [Int: Int]) {
    add(
      "swiftlet_http_requests_total", "counter", "Requests that this page and API have answered, by status.",
      requests.sorted { $0.key < $1.key }.map { ([("code", String($0.key))], Double($0.value)) })
  }

  /// The standard process metrics of Prometheus clients.
  package mutating func addProcess() {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    counter(
      "process_cpu_seconds_total", "Processor time of the driver's process.",
      seconds(usage.ru_utime) + seconds(usage.ru_stime))
    if let pages = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " "),
      pages.count > 1, let resident = Int(pages[1])
    {
      gauge(
        "process_resident_memory_bytes", "Memory of the driver's process.",
        Double(resident * Int(getpagesize())))
    }
    if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
      gauge(
        "process_open_fds", "Files and connections that the driver's process has open.", Double(files.count))
    }
  }
}
