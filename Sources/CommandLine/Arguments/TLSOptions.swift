import Foundation
import Transport

extension CommandOption {
  /// The three options of TLS, the same for every command that talks to another process.
  package static let tls: [CommandOption] = [
    .option(
      "tls-cert", "FILE",
      help: "Certificate of this process, PEM, for TLS to all peers; with --tls-key and --tls-ca."),
    .option("tls-key", "FILE", help: "The certificate's private key, PEM, without a password."),
    .option(
      "tls-ca", "FILE",
      help:
        "CA that the peers' certificates must be from, PEM. Instead of the three: SWIFTLET_TLS_CERT, _KEY, _CA."
    ),
  ]
}

extension CommandArguments {
  /// What `--tls-cert`, `--tls-key` and `--tls-ca` or the environment give; nil without any of them.
  package func tls() throws(UsageError) -> TLS? {
    do throws(TLSFileError) {
      let environment = ProcessInfo.processInfo.environment
      return try TLS.Files.find(option: value, environment: environment).map { files throws(TLSFileError) in
        try TLS(files)
      }
    } catch {
      throw UsageError("\(error)")
    }
  }
}
