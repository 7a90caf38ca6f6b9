import Foundation

/// Text to the standard error stream, whole and at once.
package enum StandardError {
  package static func write(_ text: String) {
    // A closed stream is no reason to fail: there is nobody left to tell.
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
