/// What a run wrote.
package struct EventFilesSummary: Sendable {
  package let events: Int
  /// Malformed lines, in addition to the events.
  package let malformed: Int
  package let files: Int
  /// Bytes of all lines, before compression.
  package let bytes: Int
  /// Bytes of all files.
  package let storedBytes: Int
  package let seconds: Double
}
