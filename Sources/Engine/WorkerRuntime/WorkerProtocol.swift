import Wire

/// An input to a worker's runtime.
package enum WorkerEvent: Sendable {
  /// The driver accepted the connection.
  case connected
  case message(DriverMessage)
  /// The connection to the driver is gone.
  case disconnected
  /// A started attempt has ended; its blocks, if any, are in the block store.
  case ended(TaskReport)
  /// Bytes still unsent to the driver; answers ``WorkerRuntime/hasFullQueue``.
  case unsent(bytes: Int)
  /// SIGTERM: leave once that loses nothing that others need.
  case drain
  case heartbeatDue([TaskProgress])
}

/// An action for the worker's shell to carry out, in order.
package enum WorkerAction: Sendable {
  case send(WorkerMessage)
  case start(TaskLaunch, StageDefinition, [MapOutputLocations])
  /// Asks a started attempt to stop. It still ends with an `ended` event.
  case interrupt(TaskAttemptID)
  /// Drops the map outputs of a stage and what its operator holds.
  case dropStage(StageID)
  case dropCache(JobID, prefix: String)
  /// Ends the fetches from a lost worker.
  case abandonPeer(String)
  /// Drops all map outputs and caches: the driver has given up this life of the worker.
  case dropAll
  /// Closes the connection and ends the process.
  case leave
}
