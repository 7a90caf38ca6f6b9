import Formats
import Storage
import TestSupport

/// Limit of decompressed bytes, so that a check ends soon.
private let longestOutput = 1 << 20

extension FuzzTarget {
  /// The first byte chooses zstd, gzip or snappy. The rest is tried as a compressed block and as content of one.
  static let blockCodecs = FuzzTarget("block-codecs") {
    let text = Array("user,user,user,page,page,\(String(repeating: "x", count: 300))".utf8)
    return try [0, 1, 2].map { [$0] + (try codec($0).compress(text)) } + [[0], [1, 0x1f, 0x8b], [2, 0]]
  } check: { input in
    var script = Script(input)
    let codec = codec(script.byte())
    let bytes = script.all()
    let compressed = try codec.compress(bytes)
    try require(
      compressed.count <= codec.maxCompressedSize(of: bytes.count), "a block is longer than its bound")
    try require(
      try codec.decompress(compressed, limit: bytes.count) == bytes,
      "bytes are others after they were compressed")
    guard let content = try unless(CodecError.self, { try codec.decompress(bytes, limit: longestOutput) })
    else {
      return
    }
    try require(
      try codec.decompress(try codec.compress(content), limit: content.count) == content, "content is another"
    )
    if !content.isEmpty {
      let short = try unless(CodecError.self) { try codec.decompress(bytes, limit: content.count - 1) }
      try require(short == nil, "a block fits where there is no room for it")
    }
  }

  private static func codec(_ number: UInt8) -> any BlockCodec {
    switch number % 3 {
    case 0: Zstd()
    case 1: Gzip()
    default: Snappy()
    }
  }

  /// Choices: zstd or gzip, and the read sizes on both sides. Then a compressed file.
  static let compressedStreams = FuzzTarget("compressed-streams") {
    let text = Array("{\"a\":1}\n{\"a\":2}\n\(String(repeating: "{}\n", count: 200))".utf8)
    return try [(UInt8(0), Codec.zstd), (1, .gzip)].flatMap { number, codec in
      let file = try compressed(text, codec)
      return [[number, 3, 5] + file, [number, 1, 255] + file + file, [number, 0, 0]]
    }
  } check: { input in
    var script = Script(input)
    let codec: Codec = script.flag() ? .gzip : .zstd
    let piece = max(1, Int(script.byte()))
    let room = max(1, Int(script.byte()))
    let bytes = script.all()
    let whole = try read(bytes, codec, piece: 1 << 16, room: 1 << 16)
    if whole.bytes.count < longestOutput / 8 {
      for (piece, room) in [(1, 1), (piece, room)] {
        let pieces = try read(bytes, codec, piece: piece, room: room)
        // The amount of data before an error depends on the read size.
        try require(
          pieces.fails == whole.fails && (whole.fails || pieces.bytes == whole.bytes),
          "\(piece) bytes at a time into \(room): \(pieces.bytes.count) bytes, fails: \(pieces.fails); all at once "
            + "\(whole.bytes.count), \(whole.fails)")
      }
    }
  }

  private static func read(
    _ bytes: [UInt8], _ codec: Codec, piece: Int, room: Int
  ) throws -> (bytes: [UInt8], fails: Bool) {
    let reader = try DecompressingReader(PlainSource(MemoryReader(bytes)), codec: codec, inputBytes: piece)
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: room)
    while result.count < longestOutput {
      let count = try unless(StorageError.self) {
        try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
      }
      guard let count else { return (result, true) }
      try require(count <= room, "\(count) bytes in room for \(room)")
      if count == 0 { break }
      result += buffer[..<count]
    }
    return (result, false)
  }
}
