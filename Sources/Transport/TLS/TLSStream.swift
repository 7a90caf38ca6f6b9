import CSSL
import Glibc

/// The TLS state of one connection, between received bytes and bytes to send. It uses no socket, never waits, and has no
/// thread.
///
/// Its buffers are bounded by what is put in: ``seal(_:)`` takes no more while ``sealLimit`` bytes wait to be sent, and
/// ``open(into:)`` is called until it has nothing more before ``feed(_:)`` puts in the next bytes.
// Sendable: used under its connection's lock only.
final class TLSStream: @unchecked Sendable {
  /// Limit on plain bytes encrypted at a time.
  static let sealLimit = 128 << 10

  enum Opened {
    /// This many plain bytes are in the buffer; there may be more.
    case bytes(Int)
    /// All received bytes have been decrypted.
    case needsMore
    /// The peer ended its side cleanly.
    case ended
    case failed(TLSFailure)
  }

  private let tls: TLS
  private let ssl: OpaquePointer
  private let input: OpaquePointer
  private let output: OpaquePointer
  /// The host that the connecting side intends to reach.
  private let host: String?
  private var sealed: [UInt8] = []
  private var sent = 0
  private(set) var isEstablished = false

  /// - Parameter host: The name or address that the peer's certificate must match; nil on the accepting side.
  init?(_ tls: TLS, host: String?) {
    guard let ssl = SSL_new(tls.context) else { return nil }
    guard let input = BIO_new(BIO_s_mem()), let output = BIO_new(BIO_s_mem()) else {
      // One may be there; a process that has no memory for the other ends soon.
      SSL_free(ssl)
      return nil
    }
    SSL_set_bio(ssl, input, output)
    (self.tls, self.ssl, self.input, self.output, self.host) = (tls, ssl, input, output, host)
    guard let host else {
      SSL_set_accept_state(ssl)
      return
    }
    SSL_set_connect_state(ssl)
    let address = String(host.prefix { $0 != "%" })
    SSL_set_hostflags(
      ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
    if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), address) != 1 {
      // A name, that is.
      ERR_clear_error()
      guard SSL_set1_host(ssl, host) == 1, swiftlet_ssl_set_server_name(ssl, host) == 1 else { return nil }
    }
  }

  deinit { SSL_free(ssl) }

  /// Adds bytes received from the peer.
  func feed(_ bytes: UnsafeRawBufferPointer) {
    BIO_write(input, bytes.baseAddress, Int32(clamping: bytes.count))
  }

  /// Continues the handshake as far as the received bytes allow.
  func handshake() -> TLSFailure? {
    guard !isEstablished else { return nil }
    ERR_clear_error()
    let result = SSL_do_handshake(ssl)
    if result == 1 {
      isEstablished = true
      return nil
    }
    if SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ { return nil }
    let failure = failure()
    if failure == .plainPeer, BIO_ctrl_pending(output) == 0 {
      // OpenSSL sends no alert to a peer that does not speak TLS, but a Swiftlet process recognizes one.
      let alert: [UInt8] = [21, 3, 3, 0, 2, 2, 70]
      BIO_write(output, alert, Int32(alert.count))
    }
    return failure
  }

  func open(into buffer: UnsafeMutableRawBufferPointer) -> Opened {
    var count = 0
    while count < buffer.count {
      ERR_clear_error()
      let start = buffer.baseAddress?.advanced(by: count)
      let result = SSL_read(ssl, start, Int32(clamping: buffer.count - count))
      if result > 0 {
        count += Int(result)
        continue
      }
      // Deliver what arrived before the end or before corrupt bytes; the next call reports the end again.
      if count > 0 { break }
      switch SSL_get_error(ssl, result) {
      case SSL_ERROR_WANT_READ: return .needsMore
      case SSL_ERROR_ZERO_RETURN: return .ended
      default: return .failed(failure())
      }
    }
    return .bytes(count)
  }

  /// Encrypts plain bytes from the front of an outbox, as many as fit.
  func seal(_ outbox: inout Outbox) -> TLSFailure? {
    guard isEstablished else { return nil }
    while !outbox.isEmpty, pendingBytes < TLSStream.sealLimit {
      ERR_clear_error()
      let written = outbox.withVectors(limit: TLSStream.sealLimit) { vectors in
        var written = 0
        for vector in vectors where vector.iov_len > 0 {
          let count = SSL_write(ssl, vector.iov_base, Int32(clamping: vector.iov_len))
          guard count > 0 else { break }
          written += Int(count)
        }
        return written
      }
      guard written > 0 else { return failure() }
      outbox.consume(written)
    }
    return nil
  }

  /// Tells the peer that this side's data is complete and was not truncated.
  func end() {
    ERR_clear_error()
    SSL_shutdown(ssl)
  }

  /// Encrypted bytes waiting to be sent.
  var pendingBytes: Int { sealed.count - sent + BIO_ctrl_pending(output) }

  /// Passes encrypted bytes to `send` until it takes no more, or `limit` bytes are sent.
  func send(limit: Int, _ send: (UnsafeMutableBufferPointer<iovec>) -> Socket.Outcome) -> Socket.Outcome {
    if sent == sealed.count { refill() }
    guard sent < sealed.count else { return .bytes(0) }
    let outcome = sealed.withUnsafeMutableBytes { bytes in
      var vector = iovec(
        iov_base: bytes.baseAddress?.advanced(by: sent), iov_len: min(bytes.count - sent, limit))
      return withUnsafeMutablePointer(to: &vector) { send(UnsafeMutableBufferPointer(start: $0, count: 1)) }
    }
    if case .bytes(let count) = outcome { sent += count }
    return outcome
  }

  /// The socket takes no more.
  func dropSealed() {
    sent = sealed.count
    while BIO_ctrl_pending(output) > 0 {
      refill()
      sent = sealed.count
    }
  }

  private func refill() {
    sent = 0
    let waiting = BIO_ctrl_pending(output)
    if sealed.count != waiting { sealed = [UInt8](repeating: 0, count: waiting) }
    let got = BIO_read(output, &sealed, Int32(clamping: waiting))
    if got < waiting { sealed.removeLast(waiting - max(0, Int(got))) }
  }

  /// Bytes that only the two ends of this connection know; empty until the handshake is complete.
  var binding: [UInt8] {
    guard isEstablished else { return [] }
    var bytes = [UInt8](repeating: 0, count: 32)
    let label = "EXPORTER-swiftlet-handshake"
    let done = SSL_export_keying_material(ssl, &bytes, bytes.count, label, label.utf8.count, nil, 0, 0)
    return done == 1 ? bytes : []
  }

  /// Translates OpenSSL's error queue into a failure.
  private func failure() -> TLSFailure {
    let code = ERR_peek_last_error()
    ERR_clear_error()
    let reason = swiftlet_err_reason(code)
    let text = ERR_reason_error_string(code).map { String(cString: $0) } ?? "unknown error"
    switch reason {
    case SSL_R_CERTIFICATE_VERIFY_FAILED: return verifyFailure()
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return .noCertificate
    case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST,
      SSL_R_PACKET_LENGTH_TOO_LONG,
      SSL_R_RECORD_LENGTH_MISMATCH, SSL_R_BAD_RECORD_TYPE:
      return isEstablished ? .broken(text) : .plainPeer
    case 1000..<1256 where swiftlet_err_library(code) == ERR_LIB_SSL:
      // An alert from the peer: its number is the reason minus 1000.
      let alert = SSL_alert_desc_string_long(Int32(reason - 1000)).map { String(cString: $0) }
      return .refused(alert ?? "alert \(reason - 1000)")
    default: return .broken(text)
    }
  }

  private func verifyFailure() -> TLSFailure {
    let result = SSL_get_verify_result(ssl)
    switch Int32(result) {
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: return .wrongHost(host ?? "this host")
    default:
      let reason = X509_verify_cert_error_string(result).map { String(cString: $0) } ?? "error \(result)"
      return .untrusted(reason: reason, authority: tls.files.authority)
    }
  }
}
