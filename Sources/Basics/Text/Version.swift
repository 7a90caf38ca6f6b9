/// The version of every command of the package, and what driver and worker compare.
package enum Version {
  package static let current = "0.1.0"
}
