import Foundation
import Synchronization

/// Writes text to stdout in one piece.
package enum StandardOutput {
  private static let lost = Atomic(false)

  /// Set if a write failed, so that an incomplete file is not taken for a result.
  package static var isLost: Bool { lost.load(ordering: .relaxed) }

  package static func write(_ text: String) {
    guard let code = SystemFile.writeAll(Array(text.utf8), to: STDOUT_FILENO) else { return }
    if !lost.exchange(true, ordering: .relaxed) {
      StandardError.write("error: cannot write to stdout: \(String(cString: strerror(code)))\n")
    }
  }
}
