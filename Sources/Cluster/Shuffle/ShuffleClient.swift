import Synchronization
import Transport
import Wire

/// Fetches shuffle blocks for a worker's tasks: from its own store, or from other workers over connections that are kept.
final class ShuffleClient: Sendable {
  /// Map outputs that are asked for ahead of the one that is being read.
  private static let window = 128
  private static let timeout: Duration = .seconds(60)

  private let store: BlockStore
  private let ownEndpoint: String
  private let transport: any Transport
  private let identity: Identity
  private let channels = Mutex<[String: RequestChannel]>([:])

  init(store: BlockStore, ownEndpoint: Endpoint, over transport: any Transport, name: String, secret: Secret?)
  {
    self.store = store
    self.ownEndpoint = ownEndpoint.description
    self.transport = transport
    identity = Identity(role: .shuffle, name: name, secret: secret)
  }

  /// Calls `body` with this partition's block of each map output, in the order of the map partitions.
  /// - Throws: `TaskFailure.lostMapOutput` with the first attempt whose block could not be had.
  func forEachBlock(
    of source: MapOutputLocations, partition: Int, _ body: (Int, [UInt8]) throws -> Void
  ) throws {
    let count = source.owners.count
    for start in stride(from: 0, to: count, by: ShuffleClient.window) {
      let maps = start..<min(start + ShuffleClient.window, count)
      var blocks = try fetch(maps, of: source, partition: partition)
      for map in maps {
        // Taken out of the window, so that the block can be freed when it has been read.
        let block = blocks.removeValue(forKey: map) ?? []
        try body(map, block)
      }
    }
  }

  private func fetch(
    _ maps: Range<Int>, of source: MapOutputLocations, partition: Int
  ) throws -> [Int: [UInt8]] {
    var blocks: [Int: [UInt8]] = [:]
    for (owner, endpoint) in source.endpoints.enumerated() {
      var wanted = maps.filter { source.owners[$0] == UInt32(owner) }[...]
      while !wanted.isEmpty {
        let request = FetchRequest(
          stage: source.stage, partition: partition, maps: wanted.map { UInt32($0) },
          attempts: wanted.map { source.attempts[$0] })
        let reply = endpoint == ownEndpoint ? read(request) : try ask(request, at: endpoint)
        for block in reply.blocks {
          guard let map = wanted.popFirst() else { break }
          blocks[map] = block
        }
        if reply.isMissing || reply.blocks.isEmpty {
          let lost = request.attempt(min(reply.blocks.count, request.maps.count - 1))
          throw TaskFailure.lostMapOutput(lost, message: "\(endpoint) no longer has it")
        }
      }
    }
    return blocks
  }

  private func read(_ request: FetchRequest) -> FetchReply {
    var reply = FetchReply()
    for index in request.maps.indices {
      guard let block = store.block(of: request.attempt(index), partition: request.partition) else {
        reply.isMissing = true
        break
      }
      reply.blocks.append(block)
    }
    return reply
  }

  /// A kept connection may have died unnoticed, so a failed request is tried once more on a new one.
  private func ask(_ request: FetchRequest, at endpoint: String) throws -> FetchReply {
    do { return try askOnce(request, at: endpoint) } catch {
      forget(endpoint)
      do { return try askOnce(request, at: endpoint) } catch {
        forget(endpoint)
        throw TaskFailure.lostMapOutput(request.attempt(0), message: "\(endpoint): \(error)")
      }
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
    guard reply.blocks.count <= request.maps.count else {
      throw WireError.invalid("more blocks than asked for")
    }
    return reply
  }

  private func channel(_ endpoint: String) throws -> RequestChannel {
    if let channel = channels.withLock({ $0[endpoint] }), channel.closeReason == nil { return channel }
    let session = try transport.openSession(
      to: try Endpoint(endpoint), as: identity, expecting: [.shuffle], timeout: .seconds(10))
    let channel = RequestChannel(session.connection)
    return channels.withLock { channels in
      // Two tasks may have connected at the same time; the later connection is closed when its channel goes.
      if let other = channels[endpoint], other.closeReason == nil { return other }
      channels[endpoint] = channel
      return channel
    }
  }

  private func forget(_ endpoint: String) { _ = channels.withLock { $0.removeValue(forKey: endpoint) } }

  func close() { channels.withLock { $0.removeAll() } }
}
