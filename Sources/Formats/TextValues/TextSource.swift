import Storage

/// The text of a file, decompressed.
enum TextSource {
  /// - Parameter range: Bytes of an uncompressed file; nil for all of any file.
  static func open(_ reader: any ObjectReader, _ range: Range<Int64>? = nil) throws -> any ByteSource {
    if let range, range != 0..<reader.info.size {
      return PlainSource(reader, from: range.lowerBound, to: range.upperBound)
    }
    let codec = try ContentKind(of: reader).codec(of: reader.info.uri)
    let plain = PlainSource(reader)
    return codec == .none ? plain : try DecompressingReader(plain, codec: codec)
  }

  /// The first `limit` bytes, or fewer at the end of the text.
  static func head(_ reader: any ObjectReader, _ limit: Int) throws -> (bytes: [UInt8], isWhole: Bool) {
    let source = try open(reader)
    var bytes = [UInt8](repeating: 0, count: limit + RecordBuffer.padding)
    var filled = 0
    var isWhole = false
    while filled < limit {
      let read = try bytes.withUnsafeMutableBytes { buffer in
        try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<limit]))
      }
      if read == 0 {
        isWhole = true
        break
      }
      filled += read
    }
    bytes.removeLast(bytes.count - filled)
    return (bytes, isWhole)
  }

  static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
}
