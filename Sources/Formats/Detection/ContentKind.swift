import Storage

/// What a file is, judged by its first bytes. Its name plays no part: people rename files, and tools name them as they like.
package enum ContentKind: Hashable, Sendable {
  case empty
  case compressed(Codec)
  case parquet
  /// Nothing says otherwise: text of some kind.
  case text
  /// A kind that nothing here reads, as people call it.
  case foreign(String)

  /// Bytes at the start of a file that decide.
  package static let headBytes = 64

  package init(_ head: some RandomAccessCollection<UInt8>) {
    let known = ContentKind.signatures.first { head.starts(with: $0.bytes) }
    if let known {
      self = known.kind
    } else if head.isEmpty {
      self = .empty
    } else if let kind = ContentKind.variableSignature(Array(head.prefix(12))) {
      self = kind
    } else {
      self = head.contains(0) ? .foreign("binary data") : .text
    }
  }

  /// Reads the first bytes of an object.
  package init(of reader: any ObjectReader) throws {
    var head = [UInt8](repeating: 0, count: ContentKind.headBytes)
    let count = try head.withUnsafeMutableBytes { try reader.read(at: 0, into: $0) }
    self.init(head.prefix(count))
  }

  private static let signatures: [(bytes: [UInt8], kind: ContentKind)] = [
    ([0x1f, 0x8b], .compressed(.gzip)),
    ([0x28, 0xb5, 0x2f, 0xfd], .compressed(.zstd)),
    ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], .compressed(.xz)),
    (Array("PAR1".utf8), .parquet),
    (Array("PARE".utf8), .foreign("encrypted Parquet")),
    ([0x04, 0x22, 0x4d, 0x18], .foreign("LZ4 data")),
    ([0x1f, 0x9d], .foreign("data of compress (.Z)")),
    ([0x89, 0x4c, 0x5a, 0x4f, 0x00], .foreign("LZO data")),
    ([0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59], .foreign("framed Snappy data")),
    ([0x50, 0x4b, 0x03, 0x04], .foreign("a ZIP archive")),
    ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], .foreign("a 7z archive")),
    (Array("ORC".utf8) + [0x0a], .foreign("ORC")),
    (Array("Obj".utf8) + [0x01], .foreign("Avro")),
    (Array("ARROW1".utf8), .foreign("Arrow IPC")),
    (Array("FEA1".utf8), .foreign("Feather")),
    (Array("SEQ".utf8) + [0x06], .foreign("a Hadoop sequence file")),
    (Array("SQLite format 3".utf8), .foreign("a SQLite database")),
    (Array("%PDF-".utf8), .foreign("PDF")),
    ([0xff, 0xfe], .foreign("UTF-16 text")),
    ([0xfe, 0xff], .foreign("UTF-16 text")),
  ]

  /// Signatures in which not every byte is fixed.
  private static func variableSignature(_ head: [UInt8]) -> ContentKind? {
    // "BZh", the block size, then the first block or the end of a stream of none.
    let block: [UInt8] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
    let end: [UInt8] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]
    if head.starts(with: "BZh".utf8), head.count >= 10, (0x31...0x39).contains(head[3]),
      head[4...].starts(with: block) || head[4...].starts(with: end)
    {
      return .compressed(.bzip2)
    }
    // A skippable frame of Zstandard.
    if head.count >= 4, head[0] & 0xf0 == 0x50, head[1...].starts(with: [0x2a, 0x4d, 0x18]) {
      return .compressed(.zstd)
    }
    return nil
  }
}

extension ContentKind: CustomStringConvertible {
  package var description: String {
    switch self {
    case .empty: "an empty file"
    case .compressed(let codec): "\(codec) data"
    case .parquet: "Parquet"
    case .text: "text"
    case .foreign(let name): name
    }
  }
}
