import CCurl
import Dispatch

/// A request in flight: its libcurl handle and the response so far.
// Sendable: until `finish` everything belongs to the I/O thread (libcurl calls back on it), then to the waiting thread; the semaphore
// separates them.
final class HTTPTransfer: @unchecked Sendable {
  let request: ClientRequest
  let handle: UnsafeMutableRawPointer
  private var response = ClientResponse(status: 0)
  private var problem: HTTPFailure?
  private var result: Result<ClientResponse, HTTPFailure>?
  private let done = DispatchSemaphore(value: 0)
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private static let nothing = ByteBlock(capacity: 1)
  private let errorBuffer: UnsafeMutablePointer<CChar>

  /// nil if out of memory.
  init?(_ request: ClientRequest, version: HTTPVersion, certificates: String?) {
    guard let handle = curl_easy_init() else { return nil }
    self.request = request
    self.handle = handle
    errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    configure(version, certificates)
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(headerList)
    errorBuffer.deallocate()
  }

  /// Blocks until the request has ended. Called once, by any thread except the I/O thread.
  func wait() throws(HTTPFailure) -> ClientResponse {
    let limit = DispatchTime.now() + .seconds(request.limits.totalSeconds + 60)
    guard done.wait(timeout: limit) == .success, let result else {
      throw HTTPFailure(kind: .permanent, description: "the I/O thread did not respond")
    }
    return try result.get()
  }

  /// Called by the I/O thread when libcurl is done.
  func finish(_ code: CURLcode) {
    if code == CURLE_OK {
      var status = 0
      swiftlet_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
      response.status = status
      response.received = request.target?.count ?? 0
      if !response.isSuccess { response.received = 0 }
      end(.success(response))
    } else {
      end(.failure(problem ?? HTTPTransfer.failure(code, String(cString: errorBuffer))))
    }
  }

  func end(_ result: Result<ClientResponse, HTTPFailure>) {
    guard self.result == nil else { return }
    self.result = result
    done.signal()
  }

  private static func failure(_ code: CURLcode, _ text: String) -> HTTPFailure {
    let message = text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
    return switch code {
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_PEER_FAILED_VERIFICATION,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_BAD_FUNCTION_ARGUMENT:
      HTTPFailure(kind: .permanent, description: message)
    default: HTTPFailure(kind: .transient, description: message)
    }
  }

  // MARK: - Options

  private func configure(_ version: HTTPVersion, _ certificates: String?) {
    func set(_ option: CURLoption, _ value: Int) { swiftlet_curl_set_long(handle, option, value) }
    func set(_ option: CURLoption, _ value: String) { swiftlet_curl_set_text(handle, option, value) }
    let own = Unmanaged.passUnretained(self).toOpaque()
    swiftlet_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorBuffer)
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_URL, request.url)
    // `..` and `//` in keys are parts of names.
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_BUFFERSIZE, 512 << 10)
    set(CURLOPT_UPLOAD_BUFFERSIZE, 512 << 10)
    set(CURLOPT_CONNECTTIMEOUT, request.limits.connectSeconds)
    set(CURLOPT_LOW_SPEED_LIMIT, request.limits.slowestBytes)
    set(CURLOPT_LOW_SPEED_TIME, request.limits.silenceSeconds)
    set(CURLOPT_TIMEOUT, request.limits.totalSeconds)
    set(CURLOPT_HTTP_VERSION, version.option)
    if let certificates { set(CURLOPT_CAINFO, certificates) }
    if !request.limits.usesProxy { set(CURLOPT_NOPROXY, "*") }
    body()
    for header in request.headers { addHeader("\(header.name): \(header.value)") }
    // Headers that libcurl adds are not signed, and waiting for 100 Continue costs a second with servers that do not know it.
    for name in ["Accept", "Expect", "Content-Type"] where !has(name) { addHeader("\(name):") }
    swiftlet_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headerList)
    swiftlet_curl_set_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, own in
      guard let bytes, let own else { return 0 }
      let transfer = Unmanaged<HTTPTransfer>.fromOpaque(own).takeUnretainedValue()
      return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
    }
    swiftlet_curl_set_pointer(handle, CURLOPT_WRITEDATA, own)
    swiftlet_curl_set_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, own in
      guard let bytes, let own else { return 0 }
      let transfer = Unmanaged<HTTPTransfer>.fromOpaque(own).takeUnretainedValue()
      transfer.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    swiftlet_curl_set_pointer(handle, CURLOPT_HEADERDATA, own)
  }

  private func body() {
    func set(_ option: CURLoption, _ value: Int) { swiftlet_curl_set_long(handle, option, value) }
    if request.method == "HEAD" {
      set(CURLOPT_NOBODY, 1)
    } else if let body = request.body {
      // The request keeps the body, so libcurl need not copy it and can send it again if the connection is dead.
      swiftlet_curl_set_pointer(handle, CURLOPT_POSTFIELDS, body.bytes.baseAddress)
      swiftlet_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
      swiftlet_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method)
    } else if request.method == "POST" || request.method == "PUT" {
      swiftlet_curl_set_pointer(handle, CURLOPT_POSTFIELDS, HTTPTransfer.nothing.bytes.baseAddress)
      swiftlet_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, 0)
      swiftlet_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method)
    } else if request.method != "GET" {
      swiftlet_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method)
    }
  }

  private func has(_ name: String) -> Bool {
    request.headers.contains { $0.name.lowercased() == name.lowercased() }
  }

  private func addHeader(_ line: String) {
    // nil if out of memory: the list stays as it was and the server refuses the signature.
    headerList = curl_slist_append(headerList, line) ?? headerList
  }

  // MARK: - Callbacks, on the I/O thread

  private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var status = 0
    swiftlet_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    if 200..<300 ~= status, let target = request.target {
      guard target.append(bytes) == bytes.count else {
        return refuse("the response is longer than the \(target.capacity) bytes requested")
      }
    } else {
      guard response.body.count + bytes.count <= request.limits.responseBytes else {
        return refuse("the response is longer than \(request.limits.responseBytes) bytes")
      }
      response.body.append(contentsOf: bytes)
    }
    return true
  }

  private func refuse(_ message: String) -> Bool {
    problem = HTTPFailure(kind: .permanent, description: message)
    return false
  }

  private func receiveHeader(_ bytes: UnsafeRawBufferPointer) {
    let line = String(decoding: bytes, as: UTF8.self)
    // A status line starts a new response; the one before was interim (100, or a proxy's).
    if line.hasPrefix("HTTP/") {
      response.headers = [:]
      response.body = []
      return
    }
    guard response.headers.count < 200, let colon = line.firstIndex(of: ":") else { return }
    let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
    let end = value.lastIndex { !$0.isWhitespace }
    response.headers[line[..<colon].lowercased()] = end.map { String(value[...$0]) } ?? ""
  }
}

/// HTTP version to use.
enum HTTPVersion: Hashable, Sendable {
  case http1
  /// If TLS negotiates it, else 1.1.
  case http2

  var option: Int { self == .http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS }
}
