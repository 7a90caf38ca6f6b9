import Foundation
import TestSupport
import Transport

/// A CA and certificates of it, made by the `openssl` command in a folder of their own.
final class Certificates: Sendable {
  let folder: TemporaryFolder

  private init() throws {
    folder = try TemporaryFolder()
    for authority in ["ca", "other-ca"] { try makeAuthority(authority) }
    try make("good", authority: "ca", names: "DNS:localhost,IP:127.0.0.1,IP:::1")
    try make("stranger", authority: "other-ca", names: "DNS:localhost,IP:127.0.0.1")
    try make("elsewhere", authority: "ca", names: "DNS:elsewhere.example,IP:192.0.2.1")
    try make("expired", authority: "ca", names: "DNS:localhost,IP:127.0.0.1", days: "-1")
  }

  /// Made once for all tests of the process.
  static let shared = Result { try Certificates() }

  func path(_ name: String) -> String { folder.path + "/" + name }

  func files(_ name: String, authority: String = "ca") -> TLS.Files {
    TLS.Files(
      certificate: path("\(name).pem"), key: path("\(name).key"), authority: path("\(authority).pem"))
  }

  static func tls(_ name: String, authority: String = "ca") throws -> TLS {
    try TLS(try shared.get().files(name, authority: authority), checksDates: false)
  }

  func makeAuthority(_ name: String) throws {
    try openssl(
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
      "-subj", "/CN=\(name)", "-keyout", path("\(name).key"), "-out", path("\(name).pem"))
  }

  func make(_ name: String, authority: String, names: String, days: String = "2") throws {
    try openssl(
      "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)",
      "-addext", "subjectAltName=\(names)", "-keyout", path("\(name).key"), "-out", path("\(name).csr"))
    try openssl(
      "x509", "-req", "-in", path("\(name).csr"), "-CA", path("\(authority).pem"), "-CAkey",
      path("\(authority).key"), "-copy_extensions", "copy", "-days", days, "-out", path("\(name).pem"))
  }

  func openssl(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Missing("openssl \(arguments.joined(separator: " "))") }
  }
}
