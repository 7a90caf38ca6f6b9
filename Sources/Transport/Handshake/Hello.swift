import Basics

/// The role that a process plays towards its peer.
package enum Role: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case client = 1
  case worker = 2
  case driver = 3
  case shuffle = 4

  package var description: String {
    switch self {
    case .client: "client"
    case .worker: "worker"
    case .driver: "driver"
    case .shuffle: "shuffle service"
    }
  }

  /// Whether both roles must be the same build of the same program.
  func sharesCode(with other: Role) -> Bool {
    self == .worker && other == .driver || self == .driver && other == .worker
  }
}

/// The first message from each side. The layout up to the version never changes, so that different versions can be detected.
package struct Hello: Hashable, Sendable {
  package static let magic: UInt32 = 0x5446_5753  // "SWFT" in little-endian order
  package static let version: UInt16 = 2
  package static let nonceSize = 32
  /// The longest text, in UTF-8 bytes.
  static let longestText = 256

  package let role: Role
  /// The sender's name for people: `worker-3@host (swiftlet 0.1)`.
  package let name: String
  /// The program and its build; empty if it does not matter. It must match between a driver and its workers, because stages
  /// name code that only the same program has.
  package let build: String
  package let hasSecret: Bool
  package let nonce: [UInt8]

  package init(role: Role, name: String, build: String = "", hasSecret: Bool, nonce: [UInt8]) {
    self.role = role
    self.name = Hello.shortened(name)
    self.build = Hello.shortened(build)
    self.hasSecret = hasSecret
    self.nonce = nonce
  }

  private static func shortened(_ name: String) -> String {
    var name = name
    while name.utf8.count > longestText { name.removeLast() }
    return name
  }

  package var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.integer(Hello.magic)
    writer.integer(Hello.version)
    writer.integer(role.rawValue)
    writer.bool(hasSecret)
    nonce.withUnsafeBytes { writer.raw($0) }
    writer.string(name)
    writer.string(build)
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(HandshakeError) {
    var reader = ByteReader(bytes)
    do throws(WireError) {
      guard try reader.integer(UInt32.self) == Hello.magic else { throw .invalid("magic") }
    } catch { throw .notSwiftlet }
    var version: UInt16 = 0
    do throws(WireError) { version = try reader.integer() } catch { throw .malformed(error) }
    guard version == Hello.version else { throw .wrongVersion(version) }
    do throws(WireError) {
      let number = try reader.integer(UInt8.self)
      guard let role = Role(rawValue: number) else { throw .invalid("role \(number)") }
      self.role = role
      hasSecret = try reader.bool()
      nonce = try reader.withRaw(Hello.nonceSize) { Array($0) }
      name = try reader.string()
      build = try reader.string()
      guard name.utf8.count <= Hello.longestText, build.utf8.count <= Hello.longestText else {
        throw .invalid("a text over \(Hello.longestText) bytes")
      }
      try reader.expectEnd()
    } catch { throw .malformed(error) }
  }
}
