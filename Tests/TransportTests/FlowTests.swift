import Testing
import Transport

/// What waits at a connection is bounded, whatever the peer does. All transports.
@Suite struct FlowTests {
  private static let limits = FlowLimits(unsent: 4 << 20, stallTimeout: .seconds(1), unhandled: 1 << 20)
  private static let size = 64 << 10

  /// What it receives is not dealt with before the test releases it.
  private func recorderThatHolds(_ pair: Pair) -> Recorder {
    let far = Recorder(keepsFrames: false)
    pair.far.start { event in
      if case .frames(let frames) = event { pair.far.hold(frames.encodedSize) }
      far.handler(event)
    }
    return far
  }

  /// A full queue is back-pressure; only a peer that takes nothing from it for a while is lost.
  @Test(arguments: Kind.allCases) func aPeerThatStopsReadingIsLostAfterAWhile(kind: Kind) throws {
    let pair = try Pair(kind, Self.limits)
    let near = Recorder()
    pair.near.start(near.handler)
    var sent = 0
    // The system's own buffers take some 6 MB on loopback.
    while pair.near.pendingBytes < 2 * Self.limits.unsent, sent < 10_000 {
      #expect(pair.near.send(numbered(sent, size: Self.size)))
      sent += 1
    }
    let begin = ContinuousClock.now
    guard case .stalled(let waiting) = near.closeReason() else { throw Missing("a stalled connection") }
    #expect(waiting >= Self.limits.unsent)
    #expect(ContinuousClock.now - begin > Self.limits.stallTimeout / 2)
    #expect(pair.near.pendingBytes == 0)
    #expect(!pair.near.send(numbered(0)))
    pair.end()
  }

  /// A queue far over its limit empties into a peer that reads slowly, for longer than the stall timeout.
  @Test(arguments: Kind.allCases) func aPeerThatReadsSlowlyIsKept(kind: Kind) throws {
    let pair = try Pair(kind, Self.limits)
    let near = Recorder()
    pair.near.start(near.handler)
    let far = recorderThatHolds(pair)
    let size = 1 << 20
    let count = 40
    for number in 0..<count { #expect(pair.near.send(numbered(number, size: size))) }
    let begin = ContinuousClock.now
    var released = 0
    while let seen = far.log.wait(patience, until: { $0.count > released ? $0.count : nil }) {
      // A slow reader: nothing depends on how long this takes.
      _ = far.log.wait(.milliseconds(40)) { _ -> Bool? in nil }
      pair.far.release((seen - released) * numbered(0, size: size).encodedSize)
      released = seen
      if seen == count { break }
    }
    #expect(released == count)
    #expect(near.log.withLock { $0.closed.isEmpty })
    #expect(ContinuousClock.now - begin > Self.limits.stallTimeout)
    pair.end()
  }

  @Test(arguments: Kind.allCases) func receivedBytesAreCounted(kind: Kind) throws {
    let pair = try Pair(kind)
    let far = Recorder(keepsFrames: false)
    pair.far.start(far.handler)
    pair.near.send(numbered(0, size: Self.size))
    #expect(far.frames(0) != nil && far.log.wait(patience) { $0.count == 1 ? true : nil } != nil)
    #expect(pair.far.receivedBytes >= numbered(0, size: Self.size).encodedSize)
    pair.end()
  }

  /// A sender that waits is held back by a handler that does not get on, and goes on with it.
  @Test(arguments: Kind.allCases) func aHandlerThatIsBehindHoldsThePeerBack(kind: Kind) throws {
    let pair = try Pair(kind, Self.limits)
    let far = recorderThatHolds(pair)
    let queue = 1 << 20
    var sent = 0
    while pair.near.waitUntilWritable(below: queue, timeout: .milliseconds(200)) {
      pair.near.send(numbered(sent, size: Self.size))
      #expect(pair.near.pendingBytes < queue + 2 * Self.size)
      sent += 1
      guard sent < 10_000 else { break }
    }
    #expect(sent < 10_000)
    let delivered = far.log.withLock { $0.bytes }
    // What was read at once comes on top: as much again where threads were kept waiting, and a frame that was begun.
    #expect(delivered >= Self.limits.unhandled && delivered < 2 * Self.limits.unhandled + 2 * Self.size)
    #expect(delivered < sent * Self.size)
    // Not enough is dealt with yet.
    let frame = numbered(0, size: Self.size).encodedSize
    pair.far.release(frame)
    #expect(!pair.near.waitUntilWritable(below: 1, timeout: .milliseconds(20)))
    // From here on everything is dealt with at once.
    var released = 1
    while let count = far.log.wait(
      patience, until: { $0.count > released || $0.count == sent ? $0.count : nil })
    {
      pair.far.release((count - released) * frame)
      released = count
      if count == sent { break }
    }
    #expect(released == sent && far.log.withLock { $0.bytes } == sent * Self.size)
    #expect(pair.near.waitUntilWritable(below: 1, timeout: patience))
    pair.end()
  }

  /// The end of a peer is told although nothing is read: what it had sent first, when it is asked for.
  @Test(arguments: Kind.allCases) func theEndIsToldAfterWhatWasHeldBack(kind: Kind) throws {
    let pair = try Pair(kind, Self.limits)
    let far = recorderThatHolds(pair)
    for number in 0..<40 { pair.near.send(numbered(number, size: Self.size)) }
    pair.near.close(within: patience)
    var released = 0
    while far.log.withLock({ $0.closed.isEmpty }) {
      let seen = far.log.wait(patience) { $0.count > released || !$0.closed.isEmpty ? $0.count : nil }
      guard let seen else { throw Missing("frames or the end") }
      pair.far.release((seen - released) * numbered(0, size: Self.size).encodedSize)
      released = seen
    }
    #expect(far.closeReason() == .eof && far.log.withLock { $0.count } == 40)
    pair.end()
  }
}
