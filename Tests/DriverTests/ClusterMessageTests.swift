import Basics
import Driver
import Jobs
import Telemetry
import Testing
import Wire
import Worker

/// What clients and a driver, and workers and workers, say to each other; the driver's words to workers are in WireTests.
@Suite struct ClusterMessageTests {
  private static let stage = StageID(job: JobID("j-1"), number: 2)

  private static let events: [JobEvent] = [
    .accepted(JobID("j-1")), .stepStarted(index: 1, type: "features", name: "näme"),
    .progress([StageProgress(step: 0, stage: 1, name: "read", tasks: 300, done: 2, elapsedSeconds: 0.5)]),
    .progress([]), .status("iteration 1"), .notice(""),
    .stepFinished(
      index: 0, seconds: 1.5,
      report: StepReport(output: "/o/", skipped: true, values: ["rows": 5, "sizes": [1, 2]], text: "a\nb")),
    .finished(.done), .finished(.failed("no")), .finished(.cancelled),
  ]

  private static let submission = JobSubmission(
    name: "job", text: #"{"steps":[]}"#, force: true, isDetached: false)

  private static let messages: [ClientMessage] = [
    .submit(submission, id: nil), .submit(submission, id: JobID("j-1")), .cancel, .ask(.list(state: "done")),
    .ask(.status(JobID("j-1"))), .ask(.cancel(JobID("j-1"))), .ask(.logs(JobID("j-1"))),
    .attach(JobID("j-1")),
  ]

  private static let replies: [ClientReply] =
    events.map { .event($0) } + [.answer(#"{"jobs":[]}"#), .refused("no job 'j-2'"), .kept(JobID("j-1"))]

  private static var fetches: (FetchRequest, FetchReply) {
    var reply = FetchReply()
    reply.pieces = [
      .init(bytes: [1, 2, 3], runChecksum: nil, endsBlock: false),
      .init(bytes: [], runChecksum: .max, endsBlock: true),
    ]
    return (FetchRequest(stage: stage, partition: 700, maps: [0, 9], attempts: [1, 0], offset: 5), reply)
  }

  private static var frames: [Frame] {
    messages.map { Frame(type: $0.frameType, payload: $0.payload) }
      + replies.map { Frame(type: $0.frameType, payload: $0.payload) } + [
        Frame(type: FetchRequest.frameType, payload: fetches.0.encoded),
        Frame(type: FetchReply.frameType, payload: fetches.1.encoded),
      ]
  }

  /// The frame of what a frame says, as the one who gets it reads it.
  private func decoded(_ frame: Frame) throws -> Frame {
    switch frame.type {
    case FetchRequest.frameType:
      Frame(type: frame.type, payload: try FetchRequest(decoding: frame.payload).encoded)
    case FetchReply.frameType:
      Frame(type: frame.type, payload: try FetchReply(decoding: frame.payload).encoded)
    case 98, 100, 101, 103: try ClientReply(frame).frame
    default: try ClientMessage(frame).frame
    }
  }

  @Test func everyMessageSurvivesTheWireInAnyPieces() throws {
    let frames = Self.frames
    let bytes = frames.flatMap(\.encoded)
    for size in [1, 3, 17, bytes.count] {
      var decoder = FrameDecoder()
      var found: [Frame] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        _ = try bytes[start..<min(start + size, bytes.count)].withUnsafeBytes {
          try decoder.decode($0, into: &found)
        }
      }
      #expect(found == frames && decoder.isBetweenFrames)
      #expect(try found.map(decoded) == frames)
    }
  }

  @Test func aMessageCutShortOrTooLongIsAnError() {
    for frame in Self.frames {
      for length in 0..<frame.payload.count {
        #expect(throws: WireError.self) {
          try decoded(Frame(type: frame.type, payload: Array(frame.payload[..<length])))
        }
      }
      #expect(throws: WireError.trailingBytes(1)) {
        try decoded(Frame(type: frame.type, payload: frame.payload + [0]))
      }
    }
  }

  @Test func otherTypesAreRefused() {
    for type in UInt8.min...UInt8.max {
      let frame = Frame(type: type, payload: [])
      if type != 97 { #expect(throws: WireError.self) { try ClientMessage(frame) } }
      #expect(throws: WireError.self) { try ClientReply(frame) }
    }
  }

  /// A fetch names an attempt for each map output, and wants something.
  @Test func aFetchThatMakesNoSenseIsRefused() {
    for request in [
      FetchRequest(stage: Self.stage, partition: 0, maps: [1, 2], attempts: [1]),
      FetchRequest(stage: Self.stage, partition: 0, maps: [], attempts: [], limit: 0),
    ] {
      #expect(throws: WireError.self) { try FetchRequest(decoding: request.encoded) }
    }
  }

  /// The values of a report travel as JSON text, which is checked like all that comes in.
  @Test func aReportWhoseValuesAreNoObjectIsRefused() {
    for json in ["", "[]", "{", "5", String(repeating: "[", count: 10_000)] {
      var writer = ByteWriter()
      writer.integer(UInt8(5))
      writer.count(0)
      writer.double(1)
      writer.string("/o/")
      writer.bool(false)
      writer.string(json)
      writer.string("")
      #expect(throws: WireError.self) { try ClientReply(Frame(type: 98, payload: writer.bytes)) }
    }
  }
}
