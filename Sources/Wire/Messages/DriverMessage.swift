import Basics

/// What a worker must know about a stage to run its tasks. Sent once per stage to each worker that runs any.
package struct StageDefinition: Hashable, Sendable, WireCodable {
  package let id: StageID
  package let operatorName: String
  package let parameters: [UInt8]
  /// Number of shuffle partitions of the output; 0 if tasks return results.
  package let outputPartitions: Int
  package let upstream: [StageID]

  package init(
    id: StageID, operatorName: String, parameters: [UInt8], outputPartitions: Int, upstream: [StageID]
  ) {
    self.id = id
    self.operatorName = operatorName
    self.parameters = parameters
    self.outputPartitions = outputPartitions
    self.upstream = upstream
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      id: try reader.value(), operatorName: try reader.string(), parameters: try reader.blob(),
      outputPartitions: try reader.count(), upstream: try reader.list())
  }

  /// Approximate size on the wire, in bytes.
  package var size: Int { 64 + operatorName.utf8.count + parameters.count + 64 * upstream.count }

  package func encode(to writer: inout ByteWriter) {
    writer.value(id)
    writer.string(operatorName)
    writer.blob(parameters)
    writer.count(outputPartitions)
    writer.list(upstream)
  }
}

/// Where a stage's map outputs are: map partition p was made by attempt `attempts[p]` and is at `endpoints[owners[p]]`.
package struct MapOutputLocations: Hashable, Sendable, WireCodable {
  package let stage: StageID
  package let endpoints: [String]
  package let owners: [UInt32]
  package let attempts: [UInt32]

  package init(stage: StageID, endpoints: [String], owners: [UInt32], attempts: [UInt32]) {
    self.stage = stage
    self.endpoints = endpoints
    self.owners = owners
    self.attempts = attempts
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    stage = try reader.value()
    let count = try reader.count()
    guard count <= reader.remaining else {
      throw .truncated(needed: count, available: reader.remaining)
    }
    var endpoints: [String] = []
    for _ in 0..<count { endpoints.append(try reader.string()) }
    self.endpoints = endpoints
    owners = try reader.array()
    attempts = try reader.array()
    guard owners.count == attempts.count, owners.allSatisfy({ $0 < endpoints.count }) else {
      throw .invalid("map output locations of \(stage)")
    }
  }

  /// Approximate size on the wire, in bytes.
  package var size: Int { 64 + 64 * endpoints.count + 8 * owners.count }

  package func encode(to writer: inout ByteWriter) {
    writer.value(stage)
    writer.count(endpoints.count)
    for endpoint in endpoints { writer.string(endpoint) }
    writer.array(owners)
    writer.array(attempts)
  }
}

/// A task attempt to run.
package struct TaskLaunch: Hashable, Sendable, WireCodable {
  package let attempt: TaskAttemptID
  package let input: [UInt8]
  /// Empty if the task caches nothing.
  package let cacheKey: String

  package init(attempt: TaskAttemptID, input: [UInt8], cacheKey: String) {
    self.attempt = attempt
    self.input = input
    self.cacheKey = cacheKey
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(attempt: try reader.value(), input: try reader.blob(), cacheKey: try reader.string())
  }

  /// Approximate size on the wire, in bytes.
  package var size: Int { 64 + input.count + cacheKey.utf8.count }

  package func encode(to writer: inout ByteWriter) {
    writer.value(attempt)
    writer.blob(input)
    writer.string(cacheKey)
  }
}

/// A batch of task attempts for one worker, with the stage definitions that it does not have yet, and the locations of the map
/// outputs that these tasks read if they have changed since the worker last received them.
package struct TaskBatch: Hashable, Sendable, WireCodable {
  package var stages: [StageDefinition] = []
  package var locations: [MapOutputLocations] = []
  package var tasks: [TaskLaunch] = []

  package init() {}

  package init(from reader: inout ByteReader) throws(WireError) {
    stages = try reader.list()
    locations = try reader.list()
    tasks = try reader.list()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.list(stages)
    writer.list(locations)
    writer.list(tasks)
  }
}

/// A message from the driver to a worker.
package enum DriverMessage: Hashable, Sendable {
  case registered(WorkerID)
  case launch(TaskBatch)
  case cancel([TaskAttemptID])
  /// Forgets these stages and drops their map outputs.
  case release([StageID])
  /// Drops the job's cached values whose keys start with this prefix.
  case dropCache(JobID, prefix: String)
  /// The worker that serves map outputs at this endpoint is lost, so nobody should wait for it.
  case peerLost(String)
  /// Confirms that the driver is alive, in reply to a heartbeat.
  case heartbeat
  /// The worker may leave: nothing that it holds is needed any longer.
  case goodbye
}

extension DriverMessage: FrameCodable {
  package var frameType: UInt8 {
    switch self {
    case .registered: 32
    case .launch: 33
    case .cancel: 34
    case .release: 35
    case .dropCache: 36
    case .heartbeat: 37
    case .goodbye: 38
    case .peerLost: 39
    }
  }

  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .registered(let worker): writer.value(worker)
    case .launch(let batch): writer.value(batch)
    case .cancel(let attempts): writer.list(attempts)
    case .release(let stages): writer.list(stages)
    case .dropCache(let job, let prefix):
      writer.value(job)
      writer.string(prefix)
    case .peerLost(let endpoint): writer.string(endpoint)
    case .heartbeat, .goodbye: break
    }
  }

  package init(type: UInt8, from reader: inout ByteReader) throws(WireError) {
    switch type {
    case 32: self = .registered(try reader.value())
    case 33: self = .launch(try reader.value())
    case 34: self = .cancel(try reader.list())
    case 35: self = .release(try reader.list())
    case 36: self = .dropCache(try reader.value(), prefix: try reader.string())
    case 37: self = .heartbeat
    case 38: self = .goodbye
    case 39: self = .peerLost(try reader.string())
    default: throw .invalid("driver message type \(type)")
    }
  }
}
