import Foundation

/// Writes text to stderr in one piece.
package enum StandardError {
  package static func write(_ text: String) {
    // A closed stream is not an error: nobody is reading it.
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
