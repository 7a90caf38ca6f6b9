import Basics
import TestSupport
import Testing
import Wire

@Suite struct MessageTests {
  @Test func everyMessageSurvivesTheWire() throws {
    for message in Samples.toWorker { #expect(try DriverMessage(message.frame) == message) }
    for message in Samples.toDriver { #expect(try WorkerMessage(message.frame) == message) }
    for failure in Samples.failures { #expect(try TaskFailure(decoding: failure.encoded) == failure) }
  }

  /// What all workers claim is added up.
  @Test func noWorkerHasMoreMemoryThanThereIs() {
    let info = WorkerInfo(name: "w", slots: 1, memory: .max, shuffleEndpoint: "h:1")
    #expect(throws: WireError.self) { try WorkerMessage(WorkerMessage.register(info).frame) }
  }

  /// Decodes as both kinds of message; what can be decoded must encode and decode to itself again.
  private func decode(_ frame: Frame) -> Int {
    var decoded = 0
    if let message = try? DriverMessage(frame) {
      decoded += 1
      #expect((try? DriverMessage(message.frame)) == message)
    }
    if let message = try? WorkerMessage(frame) {
      decoded += 1
      #expect((try? WorkerMessage(message.frame)) == message)
    }
    return decoded
  }

  @Test func aMessageCutShortIsAnError() {
    for frame in Samples.frames {
      for length in 0..<frame.payload.count {
        #expect(decode(Frame(type: frame.type, payload: Array(frame.payload[..<length]))) == 0)
      }
      #expect(decode(Frame(type: frame.type, payload: frame.payload + [0])) == 0)
      #expect(decode(frame) == 1)
    }
  }

  @Test func changedMessagesNeverCrash() {
    var random = SeededRandom(state: 1)
    var decoded = 0
    for round in 0..<400 {
      for frame in Samples.frames where !frame.payload.isEmpty {
        var payload = frame.payload
        for _ in 0...(round % 3) {
          payload[Int.random(in: 0..<payload.count, using: &random)] = UInt8.random(
            in: 0...255, using: &random)
        }
        if round % 5 == 0 { payload.removeSubrange(..<Int.random(in: 0..<payload.count, using: &random)) }
        if round % 7 == 0 { payload.insert(contentsOf: random.bytes(9), at: payload.count / 2) }
        decoded += decode(Frame(type: frame.type, payload: payload))
      }
    }
    #expect(decoded > 0)
  }

  @Test func randomBytesNeverCrash() {
    var random = SeededRandom(state: 2)
    for type in UInt8.min...UInt8.max {
      for length in [0, 1, 2, 8, 50] { _ = decode(Frame(type: type, payload: random.bytes(length))) }
    }
  }

  @Test func sumsOfHostileMetricsDoNotOverflow() {
    var sum = Samples.metrics
    sum += Samples.metrics
    #expect(sum.rowsRead == .max)
    #expect(sum.bytesRead == 2)
    #expect(sum.microseconds == 256)
  }

  @Test(arguments: [
    "", ".", "..", ".hidden", "a/b", "../../etc", "a b", "a\u{0}", "ü", String(repeating: "x", count: 201),
  ])
  func aJobNameThatIsNoFileNameIsRefused(name: String) {
    var writer = ByteWriter()
    writer.string(name)
    #expect(throws: WireError.self) { try JobID(decoding: writer.bytes) }
  }

  @Test(arguments: ["a", "user-segmentation", "Job_1.2-3", "..a".replacing(".", with: "_")])
  func aJobNameThatIsAFileNamePasses(name: String) throws {
    #expect(try JobID(decoding: JobID(name).encoded) == JobID(name))
  }
}

@Suite struct TaskCounterTests {
  @Test func everyCounterHasRoomAndNamesOfItsOwn() {
    let all = TaskCounter.allCases
    #expect(all.count <= SIMD8<UInt64>.scalarCount)
    #expect(Set(all.map(\.declaration.name)).count == all.count)
    #expect(Set(all.compactMap(\.declaration.metric)).count == all.count - 1)
  }

  @Test func everyCounterTravelsAndIsSummed() throws {
    var metrics = TaskMetrics()
    for counter in TaskCounter.allCases { metrics[counter] = counter.rawValue + 1 }
    var sum = try TaskMetrics(decoding: metrics.encoded)
    #expect(sum == metrics)
    sum += metrics
    for counter in TaskCounter.allCases { #expect(sum[counter] == 2 * (counter.rawValue + 1)) }
  }
}
