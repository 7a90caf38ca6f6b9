import Basics
import Testing
import Transport
import Wire

/// What every transport must do. TCP and memory run the same tests.
@Suite struct SharedTransportTests {
  @Test(arguments: Kind.allCases) func framesArriveInOrderBothWays(kind: Kind) throws {
    let pair = try Pair(kind)
    let (near, far) = (Recorder(), Recorder())
    pair.near.start(near.handler)
    pair.far.start(far.handler)
    let frames = (0..<1000).map { numbered($0, size: 8 + $0 % 300) }
    for start in stride(from: 0, to: 1000, by: 10) {
      pair.near.send(Array(frames[start..<start + 10]))
      pair.far.send(frames[start])
    }
    #expect(far.frames(1000) == frames)
    #expect(near.frames(100) == stride(from: 0, to: 1000, by: 10).map { frames[$0] })
    pair.end()
    #expect(near.closeReason() == .local)
  }

  @Test(arguments: Kind.allCases) func framesSentBeforeStartAreNotLost(kind: Kind) throws {
    let pair = try Pair(kind)
    pair.near.send([numbered(1), numbered(2)])
    let far = Recorder()
    pair.far.start(far.handler)
    #expect(far.frames(2) == [numbered(1), numbered(2)])
    pair.end()
  }

  @Test(arguments: Kind.allCases) func closeFlushesWhatIsQueued(kind: Kind) throws {
    let pair = try Pair(kind)
    let (near, far) = (Recorder(), Recorder(keepsFrames: false))
    pair.near.start(near.handler)
    for number in 0..<40 { pair.near.send(numbered(number, size: 1 << 20)) }
    pair.near.close(within: patience)
    #expect(!pair.near.send(numbered(0)))
    pair.far.start(far.handler)
    #expect(far.closeReason() == .eof)
    #expect(far.log.withLock { $0.count } == 40)
    #expect(near.closeReason() == .local)
    pair.end()
  }

  @Test(arguments: Kind.allCases) func abortIsAResetForThePeer(kind: Kind) throws {
    let pair = try Pair(kind)
    let (near, far) = (Recorder(), Recorder(keepsFrames: false))
    pair.near.start(near.handler)
    pair.far.start(far.handler)
    for number in 0..<60 { pair.near.send(numbered(number, size: 1 << 20)) }
    pair.near.abort()
    #expect(near.closeReason() == .local)
    #expect(far.closeReason() == .reset)
    #expect(!pair.near.send(numbered(0)))
    pair.end()
  }

  @Test(arguments: Kind.allCases) func bothMayCloseAtOnce(kind: Kind) throws {
    for _ in 0..<20 {
      let pair = try Pair(kind)
      let (near, far) = (Recorder(), Recorder())
      pair.near.start(near.handler)
      pair.far.start(far.handler)
      pair.near.send(numbered(1))
      pair.far.send(numbered(2))
      pair.near.close(within: patience)
      pair.far.close(within: patience)
      #expect(near.closeReason().map { $0 == .local || $0 == .eof } == true)
      #expect(far.closeReason().map { $0 == .local || $0 == .eof } == true)
      pair.listener.close()
    }
  }

  @Test(arguments: Kind.allCases) func nothingIsToldAfterTheEnd(kind: Kind) throws {
    for round in 0..<50 {
      let pair = try Pair(kind)
      let (near, far) = (Recorder(keepsFrames: false), Recorder(keepsFrames: false))
      pair.near.start(near.handler)
      pair.far.start(far.handler)
      let sender = Worker {
        var number = 0
        while pair.near.send(numbered(number)) { number += 1 }
      }
      let answerer = Worker {
        var number = 0
        while pair.far.send(numbered(number)) { number += 1 }
      }
      _ = far.log.wait(patience) { $0.count > round ? true : nil }
      if round % 3 == 0 { pair.near.close() }
      if round % 3 != 1 { pair.far.abort() }
      pair.near.abort()
      #expect(near.closeReason() != nil)
      #expect(far.closeReason() != nil)
      sender.join()
      answerer.join()
      pair.end()
      for recorder in [near, far] {
        #expect(recorder.log.withLock { $0.closed.count } == 1)
        #expect(recorder.log.withLock { $0.callsAfterClose } == 0)
      }
    }
  }

  @Test(arguments: Kind.allCases) func manySmallFramesBothWaysAtOnce(kind: Kind) throws {
    let pair = try Pair(kind)
    let (near, far) = (Recorder(), Recorder())
    pair.near.start(near.handler)
    pair.far.start(far.handler)
    let count = 100_000
    let workers = [pair.near, pair.far].map { connection in
      Worker {
        for start in stride(from: 0, to: count, by: 16) {
          connection.send((start..<min(start + 16, count)).map { numbered($0) })
        }
      }
    }
    let expected = (0..<count).map { numbered($0) }
    #expect(far.frames(count) == expected)
    #expect(near.frames(count) == expected)
    for worker in workers { worker.join() }
    pair.end()
  }

  @Test(arguments: Kind.allCases) func sendersOnManyThreadsKeepTheirOwnOrder(kind: Kind) throws {
    let pair = try Pair(kind)
    let far = Recorder()
    pair.far.start(far.handler)
    let workers = (0..<4).map { lane in
      Worker {
        for number in stride(from: 0, to: 5000, by: 5) {
          pair.near.send((number..<number + 5).map { numbered(lane * 1_000_000 + $0) })
        }
      }
    }
    let received = try #require(far.frames(20_000)).compactMap(\.requestID).map(Int.init)
    for lane in 0..<4 {
      #expect(received.filter { $0 / 1_000_000 == lane } == (0..<5000).map { lane * 1_000_000 + $0 })
    }
    // The frames of one call stay together.
    for start in stride(from: 0, to: received.count, by: 5) {
      #expect(received[start] % 5 == 0 && received[start + 4] == received[start] + 4)
    }
    for worker in workers { worker.join() }
    pair.end()
  }

  @Test(arguments: Kind.allCases) func aLargeFrame(kind: Kind) throws {
    let pair = try Pair(kind)
    let far = Recorder()
    pair.far.start(far.handler)
    var payload = (0..<1 << 16).map { UInt8(truncatingIfNeeded: $0 >> 3) }
    while payload.count < 64 << 20 { payload += payload }
    pair.near.send([numbered(1), Frame(type: 9, payload: payload), numbered(2)])
    let frames = try #require(far.frames(3))
    #expect(frames[0] == numbered(1))
    #expect(frames[1].type == 9)
    #expect(frames[1].payload == payload)
    #expect(frames[2] == numbered(2))
    pair.end()
  }

  @Test(arguments: Kind.allCases) func aFrameOverTheLimitIsNeverSent(kind: Kind) throws {
    let pair = try Pair(kind)
    let near = Recorder()
    pair.near.start(near.handler)
    let size = Frame.maximumPayload + 1
    #expect(!pair.near.send(Frame(type: 1, payload: [UInt8](repeating: 0, count: size))))
    #expect(near.closeReason() == .protocolError(.tooLong(size, limit: Frame.maximumPayload)))
    pair.end()
  }

  @Test(arguments: Kind.allCases) func manyConnections(kind: Kind) throws {
    let transport = try kind.make()
    let far = Monitor<[any Connection]>([])
    let listener = try transport.listen(on: kind.anyEndpoint) { connection in
      far.change { $0.append(connection) }
      connection.start { event in
        if case .frames(let frames) = event { connection.send(frames) }
      }
    }
    let near = try (0..<200).map { _ in try transport.connect(to: listener.endpoint, timeout: patience) }
    let recorders = near.map { connection in
      let recorder = Recorder()
      connection.start(recorder.handler)
      return recorder
    }
    for round in 0..<10 {
      for (index, connection) in near.enumerated() { connection.send(numbered(index * 10 + round)) }
    }
    for (index, recorder) in recorders.enumerated() {
      #expect(recorder.frames(10) == (0..<10).map { numbered(index * 10 + $0) })
    }
    for connection in near { connection.close() }
    for recorder in recorders { #expect(recorder.closeReason() == .local) }
    listener.close()
    let counts = transport.counters.current
    #expect(counts.connectionsOpened == 400)
    #expect(counts.framesSent == 4000 && counts.framesReceived == 4000)
    // TLS adds to them.
    let bytes = [counts.bytesSent, counts.bytesReceived]
    #expect(kind == .tls ? bytes.allSatisfy { $0 > 4000 * 24 } : bytes == [4000 * 24, 4000 * 24])
  }

  @Test(arguments: Kind.allCases) func refusedWhereNobodyListens(kind: Kind) throws {
    let transport = try kind.make()
    let listener = try transport.listen(on: kind.anyEndpoint) { $0.abort() }
    let endpoint = listener.endpoint
    #expect(throws: TransportError.addressInUse(endpoint)) { try transport.listen(on: endpoint) { _ in } }
    listener.close()
    listener.close()
    #expect(throws: TransportError.refused(endpoint)) {
      try transport.connect(to: endpoint, timeout: patience)
    }
    let again = try transport.listen(on: endpoint) { $0.abort() }
    #expect(again.endpoint == endpoint)
    again.close()
  }

  @Test(arguments: Kind.allCases) func theOtherKindOfEndpointIsAnError(kind: Kind) throws {
    let other: Endpoint = kind != .memory ? .memory("x") : .tcp(host: "127.0.0.1", port: 1)
    #expect(throws: TransportError.unsupported(other)) {
      try kind.make().connect(to: other, timeout: patience)
    }
    #expect(throws: TransportError.unsupported(other)) { try kind.make().listen(on: other) { _ in } }
  }

  @Test(arguments: Kind.allCases) func handlersRunElsewhereAndMaySend(kind: Kind) throws {
    let pair = try Pair(kind)
    let near = Recorder()
    let sending = Monitor(false)
    let nested = Monitor(0)
    pair.near.start(near.handler)
    pair.far.start { event in
      guard case .frames(let frames) = event else { return }
      if sending.withLock({ $0 }) { nested.withLock { $0 += 1 } }
      sending.withLock { $0 = true }
      for frame in frames { pair.far.send(frame) }
      sending.withLock { $0 = false }
    }
    for number in 0..<500 { pair.near.send(numbered(number)) }
    #expect(near.frames(500) == (0..<500).map { numbered($0) })
    #expect(nested.withLock { $0 } == 0)
    pair.end()
  }

  @Test(arguments: Kind.allCases) func aBlockingCallFromAHandlerFails(kind: Kind) throws {
    let pair = try Pair(kind)
    let outcome = Monitor<(any Error)?>(nil)
    pair.far.start { event in
      guard case .frames = event else { return }
      do { _ = try pair.transport.connect(to: pair.listener.endpoint, timeout: patience) } catch {
        outcome.change { $0 = error }
      }
    }
    pair.near.send(numbered(1))
    #expect(outcome.wait(patience) { $0 } as? TransportError == .calledFromHandler)
    pair.end()
  }

  @Test(arguments: Kind.allCases) func pauseHoldsBackEvenWhatHasArrived(kind: Kind) throws {
    let pair = try Pair(kind)
    let first = Recorder()
    pair.far.start(.single(limit: 64)) { event in
      if case .frames = event { pair.far.pause() }
      first.handler(event)
    }
    // The frames after the first are over its limit: they must not be looked at before the next start.
    pair.near.send((0..<100).map { numbered($0, size: $0 == 0 ? 8 : 1000) })
    #expect(first.frames(1) == [numbered(0)])
    let second = Recorder()
    pair.far.start(second.handler)
    #expect(second.frames(99) == (1..<100).map { numbered($0, size: 1000) })
    #expect(first.log.withLock { $0.calls } == 1)
    pair.near.close()
    #expect(second.closeReason() == .eof)
    #expect(first.log.withLock { $0.closed } == [])
    pair.end()
  }

  @Test(arguments: Kind.allCases) func aFrameOverTheIntakesLimitEndsTheConnection(kind: Kind) throws {
    let pair = try Pair(kind)
    let (near, far) = (Recorder(), Recorder())
    pair.near.start(near.handler)
    pair.far.start(.single(limit: 64), far.handler)
    pair.near.send([numbered(1), numbered(2, size: 65)])
    #expect(far.closeReason() == .protocolError(.tooLong(65, limit: 64)))
    #expect(far.frames(1) == [numbered(1)])
    #expect(near.closeReason() == .reset)
    #expect(pair.transport.counters.current.protocolErrors == 1)
    pair.end()
  }

  @Test(arguments: Kind.allCases) func bulkSendersCanWait(kind: Kind) throws {
    let pair = try Pair(kind)
    let far = Recorder(keepsFrames: false)
    let limit = 4 << 20
    // Far more than the system's buffers take.
    for number in 0..<32 {
      pair.near.send(numbered(number, size: 1 << 20))
    }
    #expect(pair.near.pendingBytes >= limit)
    #expect(!pair.near.waitUntilWritable(below: limit, timeout: .milliseconds(1)))
    pair.far.start(far.handler)
    #expect(pair.near.waitUntilWritable(below: limit, timeout: patience))
    #expect(pair.near.waitUntilWritable(below: 1, timeout: patience))
    #expect(pair.near.pendingBytes == 0)
    let waiter = Worker {
      while pair.near.waitUntilWritable(below: limit, timeout: patience) {
        pair.near.send(numbered(1, size: 1 << 20))
      }
    }
    _ = far.log.wait(patience) { $0.bytes > 200 << 20 ? true : nil }
    pair.far.abort()
    waiter.join()
    #expect(!pair.near.send(numbered(1)))
    pair.end()
  }

  @Test(arguments: Kind.allCases) func closeGivesUpOnAPeerThatDoesNotRead(kind: Kind) throws {
    let pair = try Pair(kind)
    let near = Recorder()
    pair.near.start(near.handler)
    for number in 0..<64 { pair.near.send(numbered(number, size: 1 << 20)) }
    pair.near.close(within: .milliseconds(20))
    #expect(near.closeReason() == .timedOut)
    pair.end()
  }
}
