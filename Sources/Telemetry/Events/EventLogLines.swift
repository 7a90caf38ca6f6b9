import Basics
import Wire

/// The lines of an event log: a header, then one event per line.
package struct EventLogLines: Sendable {
  private let job: JobID
  /// Lines read so far.
  package private(set) var count = 0

  package init(job: JobID) { self.job = job }

  /// - Returns: nil for a line with no event known to this version.
  /// - Throws: ``StateError/invalid(_:)`` if this is not an event log, or one of a later version.
  package mutating func read(_ line: UnsafeRawBufferPointer) throws(StateError) -> ClusterEvent? {
    count += 1
    guard let text = String(validating: line, as: UTF8.self) else { throw .invalid("no UTF-8") }
    guard text != "\n" else { return nil }
    guard let json = try? JSONText.parse(text) else {
      // The line that a driver was writing when it crashed.
      guard count > 1 else { throw .invalid("this is no event log") }
      return nil
    }
    guard count > 1 else {
      try check(json)
      return nil
    }
    return try ClusterEvent(json: json, job: job)
  }

  private func check(_ header: JSONValue) throws(StateError) {
    guard header["format"]?.text == "swiftlet.events", let version = header["version"]?.int else {
      throw .invalid("this is no event log")
    }
    guard version <= ClusterEvent.logVersion else {
      throw .invalid("version \(version); this program reads up to \(ClusterEvent.logVersion)")
    }
  }
}
