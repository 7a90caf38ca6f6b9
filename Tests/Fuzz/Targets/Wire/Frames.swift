import Basics
import TestSupport
import Wire

extension FuzzTarget {
  /// Choices: whether to fix checksums (a fuzzer cannot guess them), chunk sizes, the longest payload. Then the bytes of a connection.
  static let frames = FuzzTarget("frames") {
    let frames =
      Samples.frames + [Frame(type: 0, payload: [])]
    let stream = frames.prefix(6).flatMap(\.encoded)
    return [[0, 1, 255] + stream, [1, 7, 255] + stream, [1, 16, 4] + stream]
      + frames.map { [1, 3, 255] + $0.encoded }
  } check: { input in
    var script = Script(input)
    let repairs = script.flag()
    let chunk = max(1, Int(script.byte()))
    let limit = Int(script.byte()) * 16
    var stream = script.all()
    if repairs { repair(&stream) }

    let whole = decode(stream, limit: limit, chunk: stream.count)
    for size in [1, chunk] {
      let pieces = decode(stream, limit: limit, chunk: size)
      try require(
        pieces.frames == whole.frames && pieces.error == whole.error && pieces.isWhole == whole.isWhole,
        "chunks of \(size) bytes give other frames than all at once")
    }
    try require(whole.frames.allSatisfy { $0.payload.count <= limit }, "a payload over the limit")
    let encoded = whole.frames.flatMap(\.encoded)
    try require(stream.starts(with: encoded), "frames do not encode to the bytes they came from")
    try require(
      !whole.isWhole || encoded.count == stream.count, "a stream that ends between frames lost some bytes")
  }

  /// Fixes the checksum of each frame.
  private static func repair(_ stream: inout [UInt8]) {
    var position = 0
    while position + Frame.headerSize <= stream.count {
      let header = stream[position..<position + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let length = Int(UInt32(truncatingIfNeeded: header))
      let payload = position + Frame.headerSize
      guard length <= stream.count - payload else { return }
      let checksum = XXH3.hash(Array(stream[payload..<payload + length]), seed: header)
      for byte in 0..<8 {
        stream[position + 8 + byte] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt64(byte)))
      }
      position = payload + length
    }
  }

  private static func decode(
    _ bytes: [UInt8], limit: Int, chunk: Int
  ) -> (frames: [Frame], error: FrameError?, isWhole: Bool) {
    var decoder = FrameDecoder(limit: limit)
    var frames: [Frame] = []
    var position = 0
    while position < bytes.count {
      let end = min(position + chunk, bytes.count)
      let error = bytes[position..<end].withUnsafeBytes { bytes -> FrameError? in
        do throws(FrameError) {
          try decoder.decode(bytes, into: &frames)
          return nil
        } catch {
          return error
        }
      }
      if let error { return (frames, error, false) }
      position = end
    }
    return (frames, nil, decoder.isBetweenFrames)
  }
}
