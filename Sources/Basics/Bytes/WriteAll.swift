// Writing to file descriptors.
import Glibc

package enum SystemFile {
  /// Writes all bytes, retrying after interrupts and short writes.
  /// - Returns: The system's error code; nil on success.
  package static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return errno }
      rest = rest.dropFirst(count)
    }
    return nil
  }
}
