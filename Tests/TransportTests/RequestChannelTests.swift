import Basics
import Testing
import Transport
import Wire

@Suite struct RequestChannelTests {
  /// Answers go to their askers, whatever their order.
  @Test(arguments: Kind.allCases) func answersFindTheirAskers(kind: Kind) throws {
    let pair = try Pair(kind)
    let held = Monitor<[Frame]>([])
    pair.far.start { event in
      guard case .frames(let frames) = event else { return }
      // Each asker waits for its answer, so four questions are under way at a time: answered together, last one first.
      let ready = held.withLock { held -> [Frame] in
        held += frames
        guard held.count == 4 else { return [] }
        defer { held = [] }
        return held.reversed()
      }
      pair.far.send(ready)
    }
    let channel = RequestChannel(pair.near)
    let answers = Monitor<[Int]>([])
    let askers = (0..<4).map { lane in
      Worker {
        for number in 0..<250 {
          let value = UInt64(lane * 1000 + number)
          let frame = try? channel.request(type: 5, timeout: patience) { $0.varint(value) }
          var reader = ByteReader(frame?.payload ?? [])
          let isRight = (try? reader.integer(UInt64.self)) != nil && (try? reader.varint()) == value
          answers.change { $0.append(isRight ? 1 : 0) }
        }
      }
    }
    for asker in askers { asker.join() }
    #expect(answers.withLock { $0 } == [Int](repeating: 1, count: 1000))
    pair.end()
  }

  @Test(arguments: Kind.allCases) func aLateAnswerGoesElsewhere(kind: Kind) throws {
    let pair = try Pair(kind)
    let (far, other) = (Recorder(), Monitor<[Frame]>([]))
    pair.far.start(far.handler)
    let channel = RequestChannel(pair.near) { frame in other.change { $0.append(frame) } }
    #expect(throws: RequestChannel.Failure.timedOut) {
      try channel.request(type: 1, timeout: .milliseconds(5))
    }
    let late = try #require(far.frames(1))
    let unasked = [Frame(type: 9, payload: [1, 2, 3]), numbered(4711), Frame(type: 9, payload: [])]
    pair.far.send(late + unasked)
    #expect(other.wait(patience) { $0.count == 4 ? $0 : nil } == late + unasked)
    pair.end()
  }

  @Test(arguments: Kind.allCases) func theEndOfTheConnectionFailsAllThatWait(kind: Kind) throws {
    let pair = try Pair(kind)
    let far = Recorder()
    pair.far.start(far.handler)
    let channel = RequestChannel(pair.near)
    let failures = Monitor<[RequestChannel.Failure]>([])
    let askers = (0..<3).map { _ in
      Worker {
        do throws(RequestChannel.Failure) { _ = try channel.request(type: 1, timeout: patience) } catch {
          failures.change { $0.append(error) }
        }
      }
    }
    #expect(far.frames(3)?.count == 3)
    pair.far.abort()
    for asker in askers { asker.join() }
    #expect(failures.withLock { $0 } == [.closed(.reset), .closed(.reset), .closed(.reset)])
    #expect(channel.closeReason == .reset)
    #expect(throws: RequestChannel.Failure.closed(.reset)) { try channel.request(type: 1, timeout: patience) }
    pair.end()
  }

  @Test(arguments: Kind.allCases) func aChannelThatIsDroppedClosesItsConnection(kind: Kind) throws {
    let pair = try Pair(kind)
    let far = Recorder()
    pair.far.start(far.handler)
    do { _ = RequestChannel(pair.near) }
    #expect(far.closeReason() == .eof)
    pair.end()
  }
}
