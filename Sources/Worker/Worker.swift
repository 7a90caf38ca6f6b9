import Basics
import CommandLine
import Engine
import Glibc
import Synchronization
import Transport
import Wire

/// A worker: a thin shell around ``Engine/WorkerRuntime``. One event thread feeds it events and carries out its
/// decisions; a second thread maintains the connection to the driver; each executor slot has its own thread.
package final class Worker: Sendable {
  package struct Options: Sendable {
    package var driver: Endpoint
    package var slots = 1
    /// Bytes in total; nil for a share of the machine's memory.
    package var memory: Int?
    /// How memory is divided; nil for ``MemoryShares/init(total:slots:)``.
    package var shares: MemoryShares?
    /// Folder of temporary files.
    package var scratch = Scratch.systemFolder
    /// Where shuffle blocks are served; port 0 for any.
    package var shuffle: Endpoint
    package var name: String
    /// The program and its build, which the driver must share.
    package var build = Version.build
    package var secret: Secret?
    /// How long to try to reconnect to a lost driver. Zero: exit with it.
    package var rejoin: Duration = .seconds(60)
    /// Silence after which the driver counts as lost.
    package var silence: Duration = SchedulerConfig().workerTimeout

    package init(driver: Endpoint, shuffle: Endpoint, name: String) {
      self.driver = driver
      self.shuffle = shuffle
      self.name = name
    }
  }

  package enum End: Hashable, Sendable {
    /// Drained, or released by the driver.
    case left
    /// The driver could not be reached again in time; with the last error.
    case driverLost(String)
  }

  private static let heartbeat: Duration = .seconds(1)

  private let options: Options
  private let transport: any Transport
  private let log: Log
  private let mailbox = Mailbox<Mail>()
  private let resources: TaskResources
  private let server: ShuffleServer
  private let client: ShuffleClient
  private let slots: SlotPool
  private let runtime: Mutex<WorkerRuntime>
  private let link = Monitor(Link())

  private enum Mail: Sendable {
    case event(WorkerEvent)
    case frames([Frame], any Connection)
  }

  private struct Link: Sendable {
    var connection: (any Connection)?
    var lastBeat = ContinuousClock.now
    var end: End?
    /// The driver violated the protocol: the rest of this connection is ignored.
    var isBroken = false
  }

  package init(
    _ options: Options, registry: OperatorRegistry, over transport: any Transport,
    log: Log = .none
  ) throws {
    self.options = options
    self.transport = transport
    self.log = log
    let mailbox = mailbox
    let memory = options.memory ?? MemoryShares.ofThisMachine(slots: options.slots)
    let shares = try options.shares ?? MemoryShares(total: memory, slots: options.slots)
    let scratch = Scratch(options.scratch)
    // Fails early if the folder cannot be used.
    do { _ = try scratch.file() } catch { throw ClusterError.scratch(error.message) }
    let pool = MemoryPool(limit: shares.stored)
    let cache = TaskCache(pool)
    let store = BlockStore(pool, scratch) { cache.makeRoom($0) }
    resources = TaskResources(store: store, cache: cache, scratch: scratch, memory: shares.slot)
    server = try ShuffleServer(
      store, outgoing: MemoryPool(limit: shares.outgoing), on: options.shuffle, over: transport,
      name: options.name, secret: options.secret)
    client = ShuffleClient(
      store: store, ownEndpoint: server.endpoint, window: shares.slot / 16, over: transport,
      name: options.name, secret: options.secret)
    log(
      "\(memory >> 20) MiB of memory: \(shares.slot >> 20) MiB for each of \(options.slots) slots, "
        + "\(shares.stored >> 20) MiB for shuffle blocks and caches; the rest of them in \(options.scratch)")
    let isTight = shares.slot < Allocator.ample
    if isTight { Allocator.returnMemory() } else { Allocator.keepMemory() }
    slots = try SlotPool(slots: options.slots, registry: registry) {
      if !isTight { Allocator.useLargePages() }
    } onIdle: {
      if isTight { Allocator.trim() }
    } ended: { report in
      if case .failure(let failure) = report.outcome, failure != .cancelled {
        log.write(
          .warning, "task attempt \(report.attempt) failed: \(failure.message)",
          job: report.attempt.task.stage.job,
          attempt: report.attempt)
      }
      // On the slot's thread, as the next task runs there.
      mailbox.postAndHandle(.event(.ended(report)))
    }
    runtime = Mutex(
      WorkerRuntime(
        info: WorkerInfo(
          name: options.name, slots: options.slots, memory: memory,
          shuffleEndpoint: server.endpoint.description)))
    try mailbox.start("worker", tick: .milliseconds(250), handle: { self.handle($0) })
  }

  /// Serves the driver until the worker is drained or the driver is lost for good. Blocks.
  package func run() -> End {
    var givingUp = ContinuousClock.now + options.rejoin
    var reason = "never reached"
    while true {
      if let end = link.withLock({ $0.end }) { return finish(end) }
      do {
        let session = try transport.openSession(
          to: options.driver,
          as: Identity(
            role: .worker, name: options.name, build: options.build, secret: options.secret),
          expecting: [.driver], timeout: .seconds(5))
        serve(session.connection)
        if options.rejoin == .zero { return finish(link.withLock { $0.end } ?? .left) }
        reason = "the connection was lost"
        givingUp = ContinuousClock.now + options.rejoin
      } catch TransportError.handshake(_, let error) where error.isFinal {
        return finish(.driverLost("\(error)"))
      } catch {
        reason = "\(error)"
      }
      if let end = link.withLock({ $0.end }) { return finish(end) }
      guard ContinuousClock.now < givingUp else { return finish(.driverLost(reason)) }
      log("looking for the driver at \(options.driver): \(reason)")
      _ = link.wait(.milliseconds(500)) { $0.end }
    }
  }

  /// Finishes running tasks, hands over shuffle output and leaves; then `run` returns.
  package func drain() { mailbox.post(.event(.drain)) }

  /// One session: until either side closes the connection.
  private func serve(_ connection: any Connection) {
    let closed = Monitor(false)
    link.change { $0.connection = connection }
    mailbox.post(.event(.connected))
    connection.start { event in
      switch event {
      case .frames(let frames): self.receive(frames, on: connection)
      case .closed:
        self.mailbox.post(.event(.disconnected))
        closed.change { $0 = true }
      }
    }
    log("joined \(options.driver)")
    // Any bytes count: a large message may take longer than the limit. The clock stands still while the process is stopped, so
    // a worker that wakes up does not take its driver for silent.
    let start = ContinuousClock.now
    var clock = AwakeClock(longestTurn: .seconds(2))
    var (heard, heardAt) = (0, Duration.zero)
    while closed.wait(.seconds(1), until: { $0 ? true : nil }) == nil {
      let now = clock.turn(at: ContinuousClock.now - start)
      let received = connection.receivedBytes
      if received != heard { (heard, heardAt) = (received, now) }
      if now - heardAt > options.silence { connection.abort() }
    }
    link.change { $0.connection = nil }
  }

  private func receive(_ frames: [Frame], on connection: any Connection) {
    // Back-pressure: a driver that sends faster than the worker reads has to wait.
    connection.hold(frames.encodedSize)
    mailbox.post(.frames(frames, connection))
  }

  private func events(of mail: Mail) -> [WorkerEvent] {
    switch mail {
    case .event(let event):
      if case .connected = event { link.withLock { $0.isBroken = false } }
      return [event]
    case .frames(let frames, let connection):
      defer { connection.release(frames.encodedSize) }
      guard !link.withLock({ $0.isBroken }) else { return [] }
      var events: [WorkerEvent] = []
      for frame in frames {
        guard let message = try? DriverMessage(frame) else {
          link.withLock { $0.isBroken = true }
          connection.abort()
          break
        }
        events.append(.message(message))
      }
      return events
    }
  }

  private func handle(_ mail: [Mail]) {
    var events = mail.flatMap { self.events(of: $0) }
    let isDue = link.withLock { link in
      guard ContinuousClock.now - link.lastBeat >= Worker.heartbeat else { return false }
      link.lastBeat = ContinuousClock.now
      return true
    }
    if isDue { events.append(.heartbeatDue(slots.progress)) }
    if runtime.withLock({ $0.hasFullQueue }), let connection = link.withLock({ $0.connection }) {
      events.insert(.unsent(bytes: connection.pendingBytes), at: 0)
    }
    guard !events.isEmpty else { return }
    for action in runtime.withLock({ $0.handle(events) }) { perform(action) }
  }

  /// The runtime checks the size of every result, so what does not fit is a mistake of ours. The driver would wait for it
  /// forever: it gets the attempts back with the connection.
  private func send(_ message: WorkerMessage) {
    guard let connection = link.withLock({ $0.connection }) else { return }
    do {
      connection.send(try message.frame)
    } catch {
      log.write(.error, "cannot send to the driver: \(error)")
      connection.abort()
    }
  }

  private func perform(_ action: WorkerAction) {
    switch action {
    case .send(let message): send(message)
    case .start(let launch, let stage, let sources):
      slots.start(TaskRun(launch, stage, sources, shuffle: client, resources: resources), stage)
    case .interrupt(let attempt): slots.interrupt(attempt)
    case .dropStage(let stage):
      resources.store.drop(stage)
      slots.forget(stage)
    case .abandonPeer(let endpoint): client.abandon(endpoint)
    case .dropCache(let job, let prefix): resources.cache.drop(job, prefix: prefix)
    case .dropAll:
      resources.store.dropAll()
      resources.cache.dropAll()
    case .leave:
      let connection = link.change { link in
        link.end = .left
        return link.connection
      }
      connection?.close(within: .seconds(5))
    }
  }

  private func finish(_ end: End) -> End {
    slots.close(within: .seconds(10))
    server.close()
    client.close()
    mailbox.close()
    return end
  }
}
