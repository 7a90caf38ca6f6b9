import CCurl
import Foundation
import Synchronization

/// Runs requests on one I/O thread with libcurl's multi interface, which reuses connections. Any thread may start, wait for and cancel
/// requests. The I/O thread ends with this object.
final class HTTPLoop: Sendable {
  private let queue: HTTPQueue
  private let version: HTTPVersion
  private let certificates: String?

  /// - Parameters:
  ///   - concurrent: Maximum number of concurrent requests; others wait.
  ///   - certificates: A file of trusted authorities; nil for the system's.
  /// - Throws: `StorageError.transient` if libcurl cannot be started.
  init(concurrent: Int, version: HTTPVersion, certificates: String?) throws(StorageError) {
    guard HTTPLoop.isReady, let multi = curl_multi_init() else {
      throw .transient(location: "libcurl", message: "cannot be started")
    }
    swiftlet_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, concurrent)
    queue = HTTPQueue(multi: multi, concurrent: max(1, concurrent))
    self.version = version
    self.certificates = certificates
    let thread = Thread { [queue] in queue.run() }
    thread.name = "http"
    thread.start()
  }

  deinit { queue.close() }

  /// Returns at once; ``HTTPTransfer/wait()`` gives the response.
  func start(_ request: ClientRequest) throws(HTTPFailure) -> HTTPTransfer {
    guard let transfer = HTTPTransfer(request, version: version, certificates: certificates) else {
      throw HTTPFailure(kind: .transient, description: "no memory for a request")
    }
    queue.add(transfer)
    return transfer
  }

  /// For responses that are no longer needed. Returns at once.
  func cancel(_ transfer: HTTPTransfer) { queue.cancel(transfer) }

  /// Initializes libcurl, once per process.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}

/// State shared by the calling threads and the I/O thread.
// Sendable: only the I/O thread uses `multi`, except for the wake-up, which libcurl allows from any thread and which happens under the lock
// and not after the end; only the I/O thread uses `running`.
private final class HTTPQueue: @unchecked Sendable {
  private struct State {
    var waiting: [HTTPTransfer] = []
    var cancelled: [HTTPTransfer] = []
    var isClosed = false
    var isOver = false
  }

  private let state = Mutex(State())
  private let multi: UnsafeMutableRawPointer
  private let concurrent: Int
  private var running: [UnsafeMutableRawPointer: HTTPTransfer] = [:]

  init(multi: UnsafeMutableRawPointer, concurrent: Int) {
    self.multi = multi
    self.concurrent = concurrent
  }

  func add(_ transfer: HTTPTransfer) { change { $0.waiting.append(transfer) } }

  func cancel(_ transfer: HTTPTransfer) { change { $0.cancelled.append(transfer) } }

  func close() { change { $0.isClosed = true } }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { state in
      body(&state)
      if !state.isOver { curl_multi_wakeup(multi) }
    }
  }

  /// The I/O thread.
  func run() {
    while takeOrders() {
      var active: Int32 = 0
      curl_multi_perform(multi, &active)
      reap()
      if isIdle { curl_multi_poll(multi, nil, 0, 60_000, nil) }
    }
    for transfer in running.values { curl_multi_remove_handle(multi, transfer.handle) }
    let ended = HTTPFailure(kind: .transient, description: "the client was closed")
    let rest = state.withLock { state in
      state.isOver = true
      return state.waiting
    }
    for transfer in Array(running.values) + rest { transfer.end(.failure(ended)) }
    running = [:]
    curl_multi_cleanup(multi)
  }

  /// Whether there is nothing to do until a request makes progress.
  private var isIdle: Bool { state.withLock { $0.waiting.isEmpty } || running.count >= concurrent }

  /// - Returns: False once the queue is closed.
  private func takeOrders() -> Bool {
    let (starting, cancelled, isClosed) = state.withLock { state in
      let cancelled = state.cancelled
      state.cancelled = []
      state.waiting.removeAll { waiting in cancelled.contains { $0 === waiting } }
      let count = min(max(0, concurrent - running.count), state.waiting.count)
      let starting = Array(state.waiting.prefix(count))
      state.waiting.removeFirst(count)
      return (starting, cancelled, state.isClosed)
    }
    for transfer in cancelled {
      if running.removeValue(forKey: transfer.handle) != nil {
        curl_multi_remove_handle(multi, transfer.handle)
      }
      transfer.end(.failure(HTTPFailure(kind: .permanent, description: "cancelled")))
    }
    for transfer in starting {
      running[transfer.handle] = transfer
      if curl_multi_add_handle(multi, transfer.handle) != CURLM_OK {
        running[transfer.handle] = nil
        transfer.finish(CURLE_OUT_OF_MEMORY)
      }
    }
    return !isClosed
  }

  private func reap() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
      let code = message.pointee.data.result
      curl_multi_remove_handle(multi, handle)
      running.removeValue(forKey: handle)?.finish(code)
    }
  }
}
