import Foundation
import Synchronization

/// Writes text to stdout in one piece.
package enum StandardOutput {
  private static let lost = Atomic(false)

  /// Set if a write failed, so that an incomplete file is not taken for a result.
  package static var isLost: Bool { lost.load(ordering: .relaxed) }

  package static func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let reason = String(cString: strerror(errno))
        if !lost.exchange(true, ordering: .relaxed) {
          StandardError.write("error: cannot write to stdout: \(reason)\n")
        }
        return
      }
      rest = rest.dropFirst(count)
    }
  }
}
