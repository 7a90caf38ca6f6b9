import Basics
import Glibc
import Synchronization
import TestSupport
import Testing
import Transport
import Wire
import Worker

private let stage = StageID(job: JobID("j"), number: 1)

private func attempt(_ map: Int, _ number: Int = 0) -> TaskAttemptID {
  TaskAttemptID(task: TaskID(stage: stage, partition: map), attempt: number)
}

/// Runs of partition 0 of some map outputs: none, small ones, and one that is longer than any answer.
private let outputs: [[[UInt8]]] = [
  [bytes(10, seed: 1), bytes(2000, seed: 2)], [], [bytes(900_000, seed: 3), bytes(1, seed: 4)],
  [bytes(70_000, seed: 5)], [], [bytes(300, seed: 6)],
]

private func fill(_ store: BlockStore, _ maps: some Sequence<Int>) throws {
  for map in maps {
    var output = MapOutput(store, stage: stage, partitions: 2)
    for run in outputs[map] {
      try output.append(run, to: 0)
      try output.append([UInt8(map)], to: 1)
    }
    store.put(output, of: attempt(map))
  }
}

@Suite struct BlockStoreTests {
  @Test func whatDoesNotFitGoesToDiskAndComesBack() throws {
    let folder = try TemporaryFolder()
    let pool = MemoryPool(limit: 5000)
    let store = BlockStore(pool, Scratch(folder.path))
    try fill(store, outputs.indices)
    for map in outputs.indices {
      #expect(store.runs(of: attempt(map), partition: 0)?.map(\.bytes) == outputs[map])
    }
    #expect(store.kept.spilled > 960_000 && store.kept.held == pool.used && pool.used <= 5000)
    #expect(
      store.runs(of: attempt(0, 1), partition: 0) == nil && store.runs(of: attempt(0), partition: 2) == nil)
    #expect(folder.names() == [])
    store.drop(stage)
    #expect(store.runs(of: attempt(0), partition: 0) == nil && pool.used == 0)
  }

  @Test func aFullDiskFailsTheTaskAndNothingElse() throws {
    let folder = try TemporaryFolder()
    let pool = MemoryPool(limit: 1000)
    let store = BlockStore(pool, Scratch(folder.path, write: fullDisk(after: 10_000)))
    var output = MapOutput(store, stage: stage, partitions: 1)
    try output.append(bytes(500, seed: 1), to: 0)
    try output.append(bytes(9000, seed: 2), to: 0)
    #expect {
      try output.append(bytes(9000, seed: 3), to: 0)
    } throws: { error in
      guard case .transient(let message)? = error as? TaskFailure else { return false }
      return message.hasPrefix(folder.path)
    }
    output.discard()
    #expect(pool.used == 0)
    try fill(store, [5])
    #expect(store.runs(of: attempt(5), partition: 0)?.map(\.bytes) == outputs[5])
  }

  @Test func cachedValuesMakeRoom() throws {
    let asked = Atomic(0)
    let pool = MemoryPool(limit: 1000)
    #expect(pool.reserve(900))
    let store = BlockStore(pool, Scratch("/nowhere")) {
      asked.add($0, ordering: .relaxed)
      pool.release(900)
    }
    var output = MapOutput(store, stage: stage, partitions: 1)
    try output.append(bytes(500, seed: 1), to: 0)
    #expect(asked.load(ordering: .relaxed) > 500)
  }
}

@Suite struct ShuffleTests {
  /// A worker's store behind its server.
  private final class Peer: Sendable {
    let folder: TemporaryFolder
    let store: BlockStore
    let outgoing = MemoryPool(limit: 1 << 20)
    let server: ShuffleServer

    init(
      _ name: String, over transport: any Transport,
      write: @escaping Scratch.Write = { pwrite($0, $1, $2, $3) }
    )
      throws
    {
      folder = try TemporaryFolder()
      store = BlockStore(MemoryPool(limit: 5000), Scratch(folder.path, write: write))
      let endpoint: Endpoint = transport is TCPTransport ? .tcp(host: "127.0.0.1", port: 0) : .memory(name)
      server = try ShuffleServer(
        store, outgoing: outgoing, on: endpoint, over: transport, name: name, secret: nil)
    }
  }

  private func client(_ peer: Peer, over transport: any Transport, window: Int = 0) -> ShuffleClient {
    ShuffleClient(
      store: peer.store, ownEndpoint: peer.server.endpoint, window: window, over: transport, name: "reader",
      secret: nil)
  }

  private func locations(_ peers: [Peer], owners: [UInt32]) -> MapOutputLocations {
    MapOutputLocations(
      stage: stage, endpoints: peers.map { $0.server.endpoint.description }, owners: owners,
      attempts: owners.map { _ in 0 })
  }

  @Test(arguments: [false, true])
  func runsComeInTheOrderOfTheMapsWhoeverHasThem(tcp: Bool) throws {
    let transport: any Transport = tcp ? TCPTransport() : MemoryTransport()
    let peers = try ["a", "b", "c"].map { try Peer($0, over: transport) }
    defer { for peer in peers { peer.server.close() } }
    let owners: [UInt32] = [0, 1, 2, 1, 0, 1]
    for (map, owner) in owners.enumerated() { try fill(peers[Int(owner)].store, [map]) }
    let client = client(peers[0], over: transport)
    defer { client.close() }
    for partition in 0..<2 {
      var expected: [(Int, [UInt8])] = []
      for (map, runs) in outputs.enumerated() {
        let runs = partition == 0 ? runs : runs.map { _ in [UInt8(map)] }
        expected += runs.isEmpty ? [(map, [])] : runs.map { (map, $0) }
      }
      var found: [(Int, [UInt8])] = []
      try client.forEachBlock(of: locations(peers, owners: owners), partition: partition) {
        found.append(($0, $1))
      }
      #expect(found.map(\.0) == expected.map(\.0))
      #expect(found.map(\.1) == expected.map(\.1))
    }
    #expect(peers.allSatisfy { $0.outgoing.used <= $0.outgoing.limit })
  }

  @Test(arguments: [0, 1])
  func whatADiskHasChangedIsALostMapOutput(reader: Int) throws {
    let transport = MemoryTransport()
    let peers = [try Peer("a", over: transport, write: forgetfulDisk), try Peer("b", over: transport)]
    defer { for peer in peers { peer.server.close() } }
    try fill(peers[0].store, outputs.indices)
    let client = client(peers[reader], over: transport)
    defer { client.close() }
    var seen: [Int] = []
    // The first that does not fit into the memory of the store.
    #expect {
      try client.forEachBlock(of: locations([peers[0]], owners: [0, 0, 0, 0, 0, 0]), partition: 0) {
        map, run in
        seen.append(map)
        #expect(outputs[map].contains(run) || run.isEmpty)
      }
    } throws: { error in
      guard case .lostMapOutput(attempt(2), _)? = error as? TaskFailure else { return false }
      return true
    }
    #expect(seen == [0, 0, 1])
  }

  @Test(arguments: [0, 3, 5])
  func whatIsNotThereIsNamed(missing: Int) throws {
    let transport = MemoryTransport()
    let peers = try ["a", "b"].map { try Peer($0, over: transport) }
    defer { for peer in peers { peer.server.close() } }
    try fill(peers[1].store, outputs.indices.filter { $0 != missing })
    let client = client(peers[0], over: transport)
    defer { client.close() }
    #expect {
      try client.forEachBlock(of: locations(peers, owners: [1, 1, 1, 1, 1, 1]), partition: 0) { _, _ in }
    } throws: { error in
      guard case .lostMapOutput(attempt(missing), _)? = error as? TaskFailure else { return false }
      return true
    }
  }

  @Test func aReaderThatStopsReadingHoldsUpNobodyAndTakesNoMemory() throws {
    let transport = MemoryTransport()
    let peers = try ["a", "b"].map { try Peer($0, over: transport) }
    defer { for peer in peers { peer.server.close() } }
    try fill(peers[1].store, outputs.indices)
    let session = try transport.openSession(
      to: peers[1].server.endpoint, as: Identity(role: .shuffle, name: "stuck", secret: nil),
      expecting: [.shuffle], timeout: .seconds(10))
    defer { session.connection.abort() }
    // Never started: nothing is read.
    for id in 0..<100 {
      var writer = ByteWriter()
      writer.integer(UInt64(id))
      writer.value(FetchRequest(stage: stage, partition: 0, maps: [2], attempts: [0]))
      session.connection.send(Frame(type: FetchRequest.frameType, payload: writer.bytes))
    }
    let client = client(peers[0], over: transport)
    defer { client.close() }
    var count = 0
    try client.forEachBlock(of: locations(peers, owners: [1, 1, 1, 1, 1, 1]), partition: 0) { _, run in
      count += run.count
    }
    #expect(count == outputs.joined().reduce(0) { $0 + $1.count })
    #expect(peers[1].outgoing.used <= peers[1].outgoing.limit)
  }
}
