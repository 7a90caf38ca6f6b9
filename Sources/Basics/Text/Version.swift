/// The version of every command; driver and worker compare it.
package enum Version {
  package static let current = "0.1.0"
}
