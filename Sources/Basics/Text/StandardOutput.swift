import Foundation
import Synchronization

/// Text to the standard output stream, whole and at once.
package enum StandardOutput {
  private static let lost = Atomic(false)

  /// Something was not written: whoever reads an empty file must not take it for a result.
  package static var isLost: Bool { lost.load(ordering: .relaxed) }

  package static func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let reason = String(cString: strerror(errno))
        if !lost.exchange(true, ordering: .relaxed) {
          StandardError.write("error: the standard output cannot be written: \(reason)\n")
        }
        return
      }
      rest = rest.dropFirst(count)
    }
  }
}
