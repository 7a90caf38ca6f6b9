import Wire

/// One connection between a worker process and the driver. Like TCP, it delivers in order in each direction, but with any
/// delay.
final class SimConnection {
  let worker: WorkerID
  let process: Int
  /// Each side's view: true until it closes the connection or learns that it is closed.
  var isOpenAtDriver = true
  var isOpenAtWorker = true
  /// Whether the driver has seen the first `register`.
  var hasJoined = false
  /// Nothing arrives any more and neither side is notified, as if a cable were pulled.
  var isSilent = false
  /// Whether a fault has affected it: one side may seem silent to the other.
  var isImpaired = false
  /// In each direction, the next message arrives after this time.
  var upFree = 0
  var downFree = 0
  /// Bytes of reports and of launches that have been sent but have not arrived.
  var upBytes = 0
  var downBytes = 0

  init(worker: WorkerID, process: Int) {
    self.worker = worker
    self.process = process
  }
}
