import Wire

/// One connection between a worker process and the driver: in order in each direction, as TCP is, with any delay.
final class SimConnection {
  let worker: WorkerID
  let process: Int
  /// Each side's view: it has neither closed it nor been told that it is closed.
  var isOpenAtDriver = true
  var isOpenAtWorker = true
  /// The driver has seen the first `register`.
  var hasJoined = false
  /// Nothing arrives any more, and nobody is told: a cable was pulled.
  var isSilent = false
  /// Some fault has touched it: one side may be silent for the other.
  var isImpaired = false
  /// What is sent next arrives after these times.
  var upFree = 0
  var downFree = 0
  /// Bytes of reports and of launches that have been sent and have not arrived.
  var upBytes = 0
  var downBytes = 0

  init(worker: WorkerID, process: Int) {
    self.worker = worker
    self.process = process
  }
}
