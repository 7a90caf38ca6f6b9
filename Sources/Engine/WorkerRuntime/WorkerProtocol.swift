import Wire

/// What happens to a worker's runtime.
package enum WorkerEvent: Sendable {
  /// The driver accepted the connection.
  case connected
  case message(DriverMessage)
  /// The connection to the driver is gone.
  case disconnected
  /// A started attempt has ended; its blocks, if any, are in the block store.
  case ended(TaskReport)
  /// Bytes still waiting for the driver; answers ``WorkerRuntime/hasFullQueue``.
  case unsent(bytes: Int)
  /// SIGTERM: leave when nothing that others need is lost by it.
  case drain
  case heartbeatDue([TaskProgress])
}

/// What a worker's runtime wants done, in order.
package enum WorkerAction: Sendable {
  case send(WorkerMessage)
  case start(TaskLaunch, StageDefinition, [MapOutputLocations])
  /// Ask a started attempt to stop; it ends by an `ended` event all the same.
  case interrupt(TaskAttemptID)
  /// Drop the map outputs of a stage and what its operator holds.
  case dropStage(StageID)
  case dropCache(JobID, prefix: String)
  /// End the fetches from a worker that is lost.
  case abandonPeer(String)
  /// Drop all map outputs and caches: the driver has given this life of the worker up.
  case dropAll
  /// Close the connection and end the process.
  case leave
}
