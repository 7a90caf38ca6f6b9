import Basics
import TestSupport
import Testing
import Transport
import Wire

/// The two queues under a connection, without one.
@Suite struct QueueTests {
  @Test func whatIsWrittenInPiecesIsWhole() {
    var random = SeededRandom(state: 6)
    for round in 0..<30 {
      var outbox = Outbox()
      var written: [UInt8] = []
      var expected: [UInt8] = []
      var number = 0
      while number < 200 || !outbox.isEmpty {
        if number < 200, Bool.random(using: &random) {
          let sizes = [8, 100, 5000, PackedFrames.largePayload - 1, PackedFrames.largePayload, 50_000]
          let frames = (0..<Int.random(in: 0...12, using: &random)).map { _ in
            numbered(number, size: sizes[Int.random(in: 0..<(round % 6 + 1), using: &random)])
          }
          number += 1 + frames.count
          for frame in frames { expected += frame.encoded }
          outbox.append(PackedFrames(frames))
        } else {
          let most = Int.random(in: 1...200_000, using: &random)
          let taken = outbox.withVectors(limit: Int.random(in: 1...1 << 20, using: &random)) {
            vectors -> Int in
            var taken = 0
            for vector in vectors {
              let part = UnsafeRawBufferPointer(
                start: vector.iov_base, count: min(vector.iov_len, most - taken))
              written += part
              taken += part.count
            }
            return taken
          }
          outbox.consume(taken)
        }
        #expect(outbox.bytes == expected.count - written.count)
      }
      #expect(written == expected)
    }
  }

  @Test func smallFramesArePackedAndLargeOnesNotCopied() {
    let small = PackedFrames((0..<1000).map { numbered($0) })
    #expect(small.chunks.count == 1 && small.bytes == 24_000)
    let payload = [UInt8](repeating: 1, count: 1 << 20)
    let mixed = PackedFrames([numbered(1), Frame(type: 1, payload: payload), numbered(2)])
    #expect(mixed.chunks.map(\.count) == [24 + 16, 1 << 20, 24])
    let isShared = mixed.chunks[1].withUnsafeBytes { chunk in
      payload.withUnsafeBytes { $0.baseAddress == chunk.baseAddress }
    }
    #expect(isShared)
  }

  @Test func timersComeInOrderOfTime() {
    var random = SeededRandom(state: 7)
    var queue = TimerQueue()
    let fired = Monitor<[Int]>([])
    let start = Deadline.now
    var expected: [(due: Deadline, number: Int)] = []
    for number in 0..<500 {
      let due = Deadline(after: .milliseconds(Int.random(in: 0...20, using: &random)))
      let id = queue.schedule(due) { fired.withLock { $0.append(number) } }
      if Int.random(in: 0..<4, using: &random) == 0 {
        queue.cancel(id)
      } else {
        expected.append((due, number))
      }
    }
    #expect(queue.popDue(start) == nil)
    let end = Deadline(after: .seconds(10))
    while let work = queue.popDue(end) { work() }
    expected.sort { ($0.due, $0.number) < ($1.due, $1.number) }
    #expect(fired.withLock { $0 } == expected.map(\.number))
    #expect(queue.next == nil)
  }
}
