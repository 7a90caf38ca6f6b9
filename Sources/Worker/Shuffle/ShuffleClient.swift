import Basics
import Synchronization
import Transport
import Wire

/// Fetches shuffle blocks for a worker's tasks, from its own store or over pooled connections to other workers.
package final class ShuffleClient: Sendable {
  /// A lost peer is noticed by its connection; this is for one that hangs. A busy peer needs far less.
  static let timeout: Duration = .seconds(20)

  private let store: BlockStore
  private let ownEndpoint: String
  private let window: Int
  private let transport: any Transport
  private let identity: Identity
  private let channels = Mutex<[String: RequestChannel]>([:])
  /// How often each peer was given up.
  private let losses = Mutex<[String: Int]>([:])

  /// - Parameter window: The limit of bytes that a task prefetches.
  package init(
    store: BlockStore, ownEndpoint: Endpoint, window: Int, over transport: any Transport, name: String,
    secret: Secret?
  ) {
    self.store = store
    self.ownEndpoint = ownEndpoint.description
    self.window = min(max(window, 256 << 10), 32 << 20)
    self.transport = transport
    identity = Identity(role: .shuffle, name: name, secret: secret)
  }

  /// Calls `body` with this partition's block of each map output, run by run, in the order of the map partitions; an empty
  /// block is one empty run.
  /// - Throws: `TaskFailure.lostMapOutput` with the first attempt whose block could not be fetched.
  package func forEachBlock(
    of source: MapOutputLocations, partition: Int, _ body: (Int, [UInt8]) throws -> Void
  ) throws {
    let remote = source.endpoints.filter { $0 != ownEndpoint }.count
    let share = max(64 << 10, window / max(1, remote))
    var feeds = source.endpoints.indices.map { RemoteFeed(source, owner: $0, partition, limit: share) }
    for map in source.owners.indices {
      let owner = Int(source.owners[map])
      guard feeds.indices.contains(owner) else {
        throw TaskFailure.transient("map output \(map) has an owner that is not in the list")
      }
      var isEmpty = true
      if source.endpoints[owner] == ownEndpoint {
        let task = TaskID(stage: source.stage, partition: map)
        let attempt = TaskAttemptID(task: task, attempt: Int(source.attempts[map]))
        guard let runs = store.runs(of: attempt, partition: partition) else {
          throw TaskFailure.lostMapOutput(attempt, message: "\(ownEndpoint) no longer has it")
        }
        for run in runs {
          guard let bytes = run.bytes else {
            throw TaskFailure.lostMapOutput(attempt, message: "\(ownEndpoint): its disk changed it")
          }
          isEmpty = false
          try body(map, bytes)
        }
      } else {
        while let run = try feeds[owner].next(of: map, ask) {
          isEmpty = false
          try body(map, run)
        }
      }
      if isEmpty { try body(map, []) }
    }
  }

  /// A pooled connection may be dead, so a failed request is retried once on a new one; but not after a timeout of the
  /// peer: recomputing the output elsewhere is faster than waiting twice.
  private func ask(_ request: FetchRequest, at endpoint: String) throws -> FetchReply {
    let before = losses.withLock { $0[endpoint] }
    let isKept = channels.withLock { $0[endpoint] }.map { $0.closeReason == nil } ?? false
    do { return try askOnce(request, at: endpoint) } catch {
      forget(endpoint)
      let isLost = losses.withLock { $0[endpoint] } != before
      guard isKept, !isLost, !isTimeout(error) else {
        throw TaskFailure.lostMapOutput(
          request.attempt(0), message: isLost ? "\(endpoint) is lost" : "\(endpoint): \(error)")
      }
      do { return try askOnce(request, at: endpoint) } catch {
        forget(endpoint)
        throw TaskFailure.lostMapOutput(request.attempt(0), message: "\(endpoint): \(error)")
      }
    }
  }

  private func isTimeout(_ error: any Error) -> Bool {
    switch error {
    case RequestChannel.Failure.timedOut, RequestChannel.Failure.closed(.timedOut), TransportError.timedOut:
      true
    default: false
    }
  }

  private func askOnce(_ request: FetchRequest, at endpoint: String) throws -> FetchReply {
    let frame = try channel(endpoint).request(type: FetchRequest.frameType, timeout: ShuffleClient.timeout) {
      $0.value(request)
    }
    var reader = ByteReader(frame.payload)
    _ = try reader.integer(UInt64.self)
    let reply = try FetchReply(from: &reader)
    try reader.expectEnd()
    return reply
  }

  private func channel(_ endpoint: String) throws -> RequestChannel {
    if let channel = channels.withLock({ $0[endpoint] }), channel.closeReason == nil { return channel }
    let session = try transport.openSession(
      to: try Endpoint(endpoint), as: identity, expecting: [.shuffle], timeout: .seconds(5))
    let channel = RequestChannel(session.connection)
    return channels.withLock { channels in
      // Two tasks may have connected at the same time; the later connection is closed with its channel.
      if let other = channels[endpoint], other.closeReason == nil { return other }
      channels[endpoint] = channel
      return channel
    }
  }

  /// The driver has given a peer up: requests to it fail now. Can be called from any thread.
  package func abandon(_ endpoint: String) {
    losses.withLock { $0[endpoint, default: 0] += 1 }
    channels.withLock { $0.removeValue(forKey: endpoint) }?.abort()
  }

  private func forget(_ endpoint: String) { _ = channels.withLock { $0.removeValue(forKey: endpoint) } }

  package func close() { channels.withLock { $0.removeAll() } }
}

/// One partition's blocks of the map outputs on one other worker, fetched as they are read.
struct RemoteFeed {
  /// Map outputs of one request.
  private static let mostMaps = 1024
  /// Bytes of a run that spans several answers.
  private static let longestRun = 1 << 30

  private let source: MapOutputLocations
  private let owner: Int
  private let partition: Int
  private let limit: Int
  private var pieces: [FetchReply.Piece] = []
  private var nextPiece = 0
  /// Bytes of the current block fetched so far.
  private var offset = 0
  /// The block after the fetched pieces does not exist.
  private var isMissing = false

  init(_ source: MapOutputLocations, owner: Int, _ partition: Int, limit: Int) {
    self.source = source
    self.owner = owner
    self.partition = partition
    self.limit = limit
  }

  /// The next run of a map's block, nil after the last. Maps must be read in order, each until nil.
  mutating func next(
    of map: Int, _ ask: (FetchRequest, _ endpoint: String) throws -> FetchReply
  ) throws -> [UInt8]? {
    if hasEnded {
      hasEnded = false
      offset = 0
      return nil
    }
    var run: [UInt8] = []
    while true {
      let piece = try nextPiece(of: map, ask)
      offset += piece.bytes.count
      hasEnded = piece.endsBlock
      if run.isEmpty { run = piece.bytes } else { run += piece.bytes }
      if let checksum = piece.runChecksum {
        guard XXH3.hash(run) == checksum else { throw lost(map, "it was changed on its way or on disk") }
        return run
      }
      if piece.endsBlock {
        guard run.isEmpty else { throw lost(map, "its last run has no end") }
        hasEnded = false
        offset = 0
        return nil
      }
      guard !piece.bytes.isEmpty, run.count <= RemoteFeed.longestRun else {
        throw lost(map, "it does not come to an end")
      }
    }
  }

  /// The last piece read was the end of its block.
  private var hasEnded = false

  private mutating func nextPiece(
    of map: Int, _ ask: (FetchRequest, _ endpoint: String) throws -> FetchReply
  ) throws -> FetchReply.Piece {
    if nextPiece == pieces.count {
      pieces = []
      nextPiece = 0
      if isMissing { throw lost(map, "no longer there, or unreadable") }
      let maps = followingMaps(map)
      let request = FetchRequest(
        stage: source.stage, partition: partition, maps: maps.map { UInt32($0) },
        attempts: maps.map { source.attempts[$0] }, offset: offset, limit: limit)
      let reply = try ask(request, source.endpoints[owner])
      isMissing = reply.isMissing
      pieces = reply.pieces
      guard !pieces.isEmpty else { throw lost(map, "no longer there, or unreadable") }
    }
    defer {
      // Freed once read.
      pieces[nextPiece].bytes = []
      nextPiece += 1
    }
    return pieces[nextPiece]
  }

  /// The next maps with this owner, from `map` on.
  private func followingMaps(_ map: Int) -> [Int] {
    var maps: [Int] = []
    var next = map
    while next < source.owners.count, maps.count < RemoteFeed.mostMaps {
      if source.owners[next] == UInt32(owner) { maps.append(next) }
      next += 1
    }
    return maps
  }

  private func lost(_ map: Int, _ reason: String) -> TaskFailure {
    let task = TaskID(stage: source.stage, partition: map)
    return .lostMapOutput(
      TaskAttemptID(task: task, attempt: Int(source.attempts[map])),
      message: "\(source.endpoints[owner]): \(reason)")
  }
}
