import CSSL
import Glibc

/// This process's certificate and key, and the CA that it and all its peers are from: OpenSSL's context, shared by all
/// connections. TLS 1.3 only, certificates checked on both sides, no resumption, so nothing can be replayed.
// Sendable: the context is not changed after the init, and OpenSSL counts its references with atomics.
package final class TLS: @unchecked Sendable {
  package static let options = "--tls-cert, --tls-key and --tls-ca"

  /// Where the PEM files are.
  package struct Files: Hashable, Sendable {
    /// The certificate, followed by any intermediate certificates up to the CA.
    package let certificate: String
    package let key: String
    package let authority: String

    package init(certificate: String, key: String, authority: String) {
      self.certificate = certificate
      self.key = key
      self.authority = authority
    }

    /// The names of the options, and of the environment variables used in their place.
    package static let names: [(option: String, variable: String)] = [
      ("tls-cert", "SWIFTLET_TLS_CERT"), ("tls-key", "SWIFTLET_TLS_KEY"), ("tls-ca", "SWIFTLET_TLS_CA"),
    ]

    /// The files given to a command, from options or otherwise from the environment; nil if none is given.
    package static func find(
      option: (String) -> String?, environment: [String: String]
    ) throws(TLSFileError) -> Files? {
      let paths = names.map {
        option($0.option) ?? environment[$0.variable].flatMap { $0.isEmpty ? nil : $0 }
      }
      if let certificate = paths[0], let key = paths[1], let authority = paths[2] {
        return Files(certificate: certificate, key: key, authority: authority)
      }
      if paths.allSatisfy({ $0 == nil }) { return nil }
      throw .incomplete(missing: zip(names, paths).filter { $0.1 == nil }.map { "--\($0.0.option)" })
    }
  }

  let context: OpaquePointer
  package let files: Files

  /// - Parameter checksDates: Reject our own certificate if it is not valid now, because peers would reject it.
  package init(_ files: Files, checksDates: Bool = true) throws(TLSFileError) {
    self.files = files
    guard let context = SSL_CTX_new(TLS_method()) else { throw .libraryFailed("no context") }
    self.context = context
    guard swiftlet_ssl_ctx_only_tls13(context) == 1, SSL_CTX_set_num_tickets(context, 0) == 1 else {
      throw .libraryFailed("no TLS 1.3")
    }
    swiftlet_ssl_ctx_no_session_cache(context)
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    // Never ask a terminal for a key's password.
    SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in -1 }
    try TLS.check(files.certificate, isKey: false)
    try TLS.check(files.key, isKey: true)
    try TLS.check(files.authority, isKey: false)
    defer { ERR_clear_error() }
    guard SSL_CTX_use_certificate_chain_file(context, files.certificate) == 1 else {
      throw .noCertificate(files.certificate)
    }
    guard SSL_CTX_use_PrivateKey_file(context, files.key, SSL_FILETYPE_PEM) == 1 else {
      let isOther = swiftlet_err_reason(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH
      throw isOther
        ? .keyDoesNotFit(key: files.key, certificate: files.certificate) : .noKey(files.key)
    }
    guard SSL_CTX_check_private_key(context) == 1 else {
      throw .keyDoesNotFit(key: files.key, certificate: files.certificate)
    }
    guard SSL_CTX_load_verify_locations(context, files.authority, nil) == 1 else {
      throw .noAuthority(files.authority)
    }
    if checksDates, let certificate = SSL_CTX_get0_certificate(context) {
      guard X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0 else {
        throw .expired(files.certificate)
      }
      guard X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 else {
        throw .notYetValid(files.certificate)
      }
    }
  }

  deinit { SSL_CTX_free(context) }

  /// Accepts only regular files, because opening a pipe would wait for its writer, and only keys that other users cannot access.
  private static func check(_ path: String, isKey: Bool) throws(TLSFileError) {
    var status = Glibc.stat()
    guard stat(path, &status) == 0, access(path, R_OK) == 0 else { throw .unreadable(path, code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
    guard !isKey || status.st_mode & 0o007 == 0 else {
      throw .openToOthers(path, mode: status.st_mode & 0o777)
    }
  }
}
