/// What a run has written.
package struct EventFilesSummary: Sendable {
  package let events: Int
  /// Lines beside the events that are none.
  package let malformed: Int
  package let files: Int
  /// Of all lines, before compression.
  package let bytes: Int
  /// Of all files.
  package let storedBytes: Int
  package let seconds: Double
}
