/// The version of every command; driver and worker compare it.
package enum Version {
  /// The programs of this package as driver and workers know each other; a program with jobs of its own has another one.
  package static let build = "swiftlet \(current)"

  package static let current = "0.1.0"
}
