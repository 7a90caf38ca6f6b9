import Glibc
import OpenSSL

/// The secret that the processes of a cluster share to authenticate each other. Never printed: every text form is redacted.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package static let variable = "SWIFTLET_SECRET"
  private static let longest = 64 << 10

  let bytes: [UInt8]

  /// - Parameter location: Where the bytes come from, for error messages.
  package init(_ bytes: [UInt8], from location: String) throws(SecretError) {
    var bytes = bytes[...]
    if bytes.last == UInt8(ascii: "\n") { bytes = bytes.dropLast() }
    if bytes.last == UInt8(ascii: "\r") { bytes = bytes.dropLast() }
    guard !bytes.isEmpty else { throw .empty(location) }
    guard bytes.count <= Secret.longest else { throw .tooLong(location, limit: Secret.longest) }
    self.bytes = Array(bytes)
  }

  /// Reads a regular file that only its owner and group may read. A single trailing line break is not part of the secret.
  package init(file path: String) throws(SecretError) {
    // Non-blocking, so that opening a pipe does not wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(path, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(path, code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
    guard status.st_mode & 0o007 == 0 else { throw .openToOthers(path, mode: status.st_mode & 0o777) }
    var bytes = [UInt8](repeating: 0, count: Secret.longest + 3)
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw .unreadable(path, code: errno) }
      if got == 0 { break }
      count += got
    }
    try self.init(Array(bytes[..<count]), from: path)
  }

  /// The secret given to a command: from `--secret-file`, otherwise from the environment. Nil if neither is set.
  package static func find(file: String?, environment: [String: String]) throws(SecretError) -> Secret? {
    if let file { return try Secret(file: file) }
    guard let text = environment[variable] else { return nil }
    return try Secret(Array(text.utf8), from: variable)
  }

  /// Compares in constant time, wherever the first difference is.
  package func equals(_ given: [UInt8]) -> Bool { Crypto.areEqual(bytes, given) }

  package var description: String { "<secret>" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a secret cannot be used. Names the source of the secret, never its content.
package enum SecretError: Error, Hashable, Sendable, CustomStringConvertible {
  case unreadable(String, code: Int32)
  case notAFile(String)
  case openToOthers(String, mode: UInt32)
  case empty(String)
  case tooLong(String, limit: Int)

  package var description: String {
    switch self {
    case .unreadable(let location, let code): "secret file \(location): \(systemMessage(code))"
    case .notAFile(let location): "secret file \(location): expected a regular file"
    case .openToOthers(let location, let mode):
      "secret file \(location): every user of this machine has access (mode \(String(mode, radix: 8))): chmod 600 it"
    case .empty(let location): "\(location): the secret is empty"
    case .tooLong(let location, let limit): "\(location): the secret is longer than \(limit) bytes"
    }
  }
}
