import Basics
import Driver
import Engine
import Jobs
import Telemetry
import TestSupport
import Wire
import Worker

// The first byte of an input is the frame type, the rest its payload.

extension FuzzTarget {
  static let driverMessages = FuzzTarget("driver-messages") {
    Samples.toWorker.map { [$0.frameType] + $0.payload }
  } check: {
    try check($0, as: DriverMessage.self)
  }

  static let workerMessages = FuzzTarget("worker-messages") {
    Samples.toDriver.map { [$0.frameType] + $0.payload }
  } check: {
    try check($0, as: WorkerMessage.self)
  }

  /// Messages between clients and a driver.
  static let clientMessages = FuzzTarget("client-messages") {
    let progress = StageProgress(step: 1, stage: 2, name: "read", tasks: 3, metrics: Samples.metrics)
    let report = StepReport(
      output: "/out/", skipped: false, values: ["rows": 5, "sizes": [1, .number(2.5)], "name": "x"],
      text: "a\nb")
    let events: [JobEvent] = [
      .accepted(Samples.job), .stepStarted(index: 1, type: "features", name: "f"), .progress([progress]),
      .status("iteration 1"), .notice("a worker is lost"),
      .stepFinished(index: 0, seconds: 1.5, report: report),
      .finished(.done), .finished(.failed("no")), .finished(.cancelled),
    ]
    let submission = JobSubmission(name: "job", text: #"{"steps":[]}"#, force: true, isDetached: true)
    let messages: [ClientMessage] = [
      .submit(submission, id: nil), .submit(submission, id: Samples.job), .cancel,
      .ask(.list(state: "done")), .ask(.status(Samples.job)), .ask(.cancel(Samples.job)),
      .ask(.logs(Samples.job)),
    ]
    let replies: [ClientReply] =
      events.map { .event($0) } + [.answer(#"{"jobs":[]}"#), .refused("no such job")]
    return messages.map { [$0.frameType] + $0.payload }
      + replies.map { [$0.frameType] + $0.payload }
  } check: {
    // Reports contain JSON, which may grow: a raw DEL is written as an escape of six bytes.
    if let type = $0.first, [98, 100, 101].contains(type) {
      try check($0, as: ClientReply.self, growth: 6)
    } else {
      try check($0, as: ClientMessage.self)
    }
  }

  /// Messages between workers that fetch blocks.
  static let shuffleMessages = FuzzTarget("shuffle-messages") {
    let request = FetchRequest(
      stage: Samples.stage, partition: 2, maps: [0, 7], attempts: [1, 0], offset: 9, limit: 100)
    var reply = FetchReply()
    reply.pieces = [
      .init(bytes: [1, 2, 3], runChecksum: nil, endsBlock: false),
      .init(bytes: [], runChecksum: 7, endsBlock: true),
    ]
    return [[FetchRequest.frameType] + request.encoded, [FetchReply.frameType] + reply.encoded]
  } check: { input in
    let payload = Array(input.dropFirst())
    if input.first == FetchRequest.frameType {
      try checkValue(FetchRequest.self, payload)
    } else {
      try checkValue(FetchReply.self, payload)
    }
  }

  private static func check<M: FrameCodable>(_ input: [UInt8], as type: M.Type, growth: Int = 1) throws {
    guard let kind = input.first else { return }
    let frame = Frame(type: kind, payload: Array(input.dropFirst()))
    guard let message = try unless(WireError.self, { try M(frame) }) else { return }
    try require(message.frameType == kind, "a message of type \(kind) says that it is \(message.frameType)")
    let again = try message.frame
    try require(
      again.payload.count <= frame.payload.count * growth, "a message outgrows the bytes it came from")
    try require(try M(again).frame == again, "a message is another one after it was encoded and decoded")
  }
}

/// Decodes and encodes a value twice and compares the bytes, because NaN is not equal to itself. Encoders write the shortest form, so
/// a short message cannot become a long one.
func checkValue<Value: WireCodable>(_ type: Value.Type, _ bytes: [UInt8]) throws {
  guard let value = try unless(WireError.self, { try Value(decoding: bytes) }) else { return }
  let encoded = value.encoded
  try require(encoded.count <= bytes.count, "\(Value.self): longer than the bytes it came from")
  try require(
    try Value(decoding: encoded).encoded == encoded,
    "\(Value.self): another one after it was encoded and decoded")
}
