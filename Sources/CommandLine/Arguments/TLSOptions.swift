import Foundation
import Transport

extension CommandOption {
  /// The TLS options of every command that connects to other processes.
  package static let tls: [CommandOption] = [
    .option(
      "tls-cert", "FILE",
      help: "Certificate of this process, PEM, for TLS to all peers; with --tls-key and --tls-ca."),
    .option("tls-key", "FILE", help: "The certificate's private key, PEM, without a password."),
    .option(
      "tls-ca", "FILE",
      help:
        "CA that signed the peers' certificates, PEM. The variables SWIFTLET_TLS_CERT, _KEY and _CA replace the three options."
    ),
  ]
}

extension CommandArguments {
  /// The files from `--tls-cert`, `--tls-key` and `--tls-ca` or the environment; nil if none is given.
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
