import Basics
import TestSupport
import Testing
import Wire

@Suite struct FrameDecoderTests {
  /// All frames of a stream that comes in chunks of `sizes`, and the error that ended it.
  private func decode(
    _ bytes: [UInt8], limit: Int = Frame.maximumPayload, chunks sizes: (Int) -> Int
  ) -> (frames: [Frame], error: FrameError?, isWhole: Bool) {
    var decoder = FrameDecoder(limit: limit)
    var frames: [Frame] = []
    var position = 0
    do throws(FrameError) {
      while position < bytes.count {
        let size = min(max(1, sizes(position)), bytes.count - position)
        let chunk = Array(bytes[position..<position + size])
        var error: FrameError?
        chunk.withUnsafeBytes { chunk in
          do throws(FrameError) {
            #expect(try decoder.decode(chunk, into: &frames) == size)
          } catch let failure { error = failure }
        }
        if let error { throw error }
        position += size
      }
      return (frames, nil, decoder.isBetweenFrames)
    } catch {
      var more: [Frame] = []
      #expect(throws: error) { try decoder.decode(UnsafeRawBufferPointer(start: nil, count: 0), into: &more) }
      return (frames, error, false)
    }
  }

  private var stream: [Frame] {
    Samples.frames + [
      Frame(type: 0, payload: []), Frame(type: 255, payload: []),
      Frame(type: 7, payload: (0..<70_000).map { UInt8(truncatingIfNeeded: $0) }),
      Frame(type: 1, payload: [1]),
    ]
  }

  @Test func everyChunkingGivesTheSameFrames() {
    let frames = stream
    let bytes = frames.flatMap(\.encoded)
    #expect(bytes.count == frames.encodedSize)
    var random = SeededRandom(state: 3)
    let chunkings: [(Int) -> Int] = [
      { _ in 1 }, { _ in .max / 2 }, { _ in 15 }, { _ in 16 }, { _ in 17 }, { _ in 4096 },
    ]
    for chunking in chunkings {
      let decoded = decode(bytes, chunks: chunking)
      #expect(decoded.frames == frames && decoded.error == nil && decoded.isWhole)
    }
    for _ in 0..<50 {
      #expect(decode(bytes) { _ in Int.random(in: 1...200, using: &random) }.frames == frames)
    }
  }

  @Test func everyCutIsNoticed() {
    let frames = Samples.frames
    let bytes = frames.flatMap(\.encoded)
    var ends = Set([0])
    for frame in frames { ends.insert((ends.max() ?? 0) + frame.encodedSize) }
    for length in 0..<bytes.count {
      let decoded = decode(Array(bytes[..<length])) { _ in .max / 2 }
      #expect(decoded.error == nil)
      #expect(decoded.isWhole == ends.contains(length))
      #expect(decoded.frames == Array(frames.prefix(decoded.frames.count)))
    }
  }

  /// No single changed bit gets through as another frame.
  @Test func everyChangedBitIsFound() {
    let frame = Frame(type: 33, payload: Array(0..<40))
    for bit in 0..<frame.encodedSize * 8 {
      var bytes = frame.encoded
      bytes[bit / 8] ^= 1 << (bit % 8)
      let decoded = decode(bytes + Frame(type: 1, payload: [UInt8](repeating: 0, count: 300)).encoded) { _ in
        64
      }
      // A longer length may wait for bytes that never come.
      #expect(decoded.frames.isEmpty)
      #expect(decoded.error != nil || !decoded.isWhole)
    }
  }

  @Test func whatIsWrongIsTold() {
    let frame = Frame(type: 3, payload: [1, 2, 3])
    func changed(_ index: Int, _ value: UInt8) -> FrameError? {
      var bytes = frame.encoded
      bytes[index] = value
      return decode(bytes) { _ in 1 }.error
    }
    #expect(changed(5, 9) == .wrongVersion(9))
    #expect(changed(6, 1) == .reservedBits)
    #expect(changed(7, 1) == .reservedBits)
    #expect(changed(4, 4) == .checksum)
    #expect(changed(12, frame.encoded[12] ^ 1) == .checksum)
    #expect(changed(18, 0) == .checksum)
    #expect(decode(frame.encoded, limit: 2) { _ in 1 }.error == .tooLong(3, limit: 2))
    #expect(decode(frame.encoded, limit: 3) { _ in 1 }.frames == [frame])
    #expect(decode(Array("GET / HTTP/1.1\r\n\r\n".utf8)) { _ in 1 }.error != nil)
  }

  /// The header alone decides: the payload of a frame that is too long is not waited for.
  @Test func aLengthOverTheLimitIsRefusedAtOnce() {
    var writer = ByteWriter()
    writer.integer(UInt64(UInt32.max) | UInt64(Frame.version) << 40)
    writer.integer(UInt64(0))
    #expect(decode(writer.bytes) { _ in 1 }.error == .tooLong(Int(UInt32.max), limit: Frame.maximumPayload))
  }

  @Test func framesBeforeABrokenOneAreKept() {
    let good = Samples.frames
    let decoded = decode(good.flatMap(\.encoded) + [UInt8](repeating: 0xaa, count: 16)) { _ in .max / 2 }
    #expect(decoded.frames == good)
    #expect(decoded.error == .wrongVersion(0xaa))
  }

  @Test func thousandsOfBrokenStreams() {
    let frames = Samples.frames
    let bytes = frames.flatMap(\.encoded)
    var random = SeededRandom(state: 4)
    var broken = 0
    for round in 0..<5000 {
      var changed = bytes
      let index = Int.random(in: 0..<changed.count, using: &random)
      switch round % 4 {
      case 0: changed[index] = UInt8.random(in: 0...255, using: &random)
      case 1: changed.remove(at: index)
      case 2: changed.insert(UInt8.random(in: 0...255, using: &random), at: index)
      default: changed.replaceSubrange(index..., with: random.bytes(40))
      }
      let size = Int.random(in: 1...500, using: &random)
      let decoded = decode(changed) { _ in size }
      // Whatever comes out are frames that were sent, in order, from the beginning.
      #expect(decoded.frames == Array(frames.prefix(decoded.frames.count)))
      if decoded.error != nil || !decoded.isWhole { broken += 1 }
    }
    #expect(broken > 4900)
  }

  @Test func anEndToTheFramesOfOneCall() throws {
    let frames = Samples.frames
    let bytes = frames.flatMap(\.encoded)
    var decoder = FrameDecoder(limit: frames[0].payload.count)
    var first: [Frame] = []
    let taken = try bytes.withUnsafeBytes { try decoder.decode($0, into: &first, atMost: 1) }
    #expect(first == [frames[0]] && taken == frames[0].encodedSize)
    decoder.limit = 1 << 20
    var rest: [Frame] = []
    _ = try bytes.withUnsafeBytes {
      try decoder.decode(UnsafeRawBufferPointer(rebasing: $0[taken...]), into: &rest)
    }
    #expect(rest == Array(frames.dropFirst()))
  }
}
