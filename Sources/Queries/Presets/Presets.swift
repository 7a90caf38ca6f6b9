/// Queries that turn the raw exports of other tools into the event schema: the files of jobs/events/, in the program.
package enum Presets {
  package static let names: [String] = []

  /// The query; it reads from a table called `raw`.
  package static func sql(_ name: String) -> String? { nil }
}
