import Storage

/// The beginning of a file, used to detect its format.
package struct FileHead: Sendable {
  /// How many bytes of text formats can inspect.
  private static let textBytes = 4096

  package let uri: String
  package let kind: ContentKind
  /// The first bytes of the decompressed text; empty if the content is not text.
  package let text: [UInt8]
  /// Whether there is nothing in the file, once it is decompressed.
  package let isEmpty: Bool

  package init(of reader: any ObjectReader) throws {
    uri = reader.info.uri
    kind = try ContentKind(of: reader)
    switch kind {
    case .text:
      text = try FileHead.start(of: PlainSource(reader))
      isEmpty = false
    case .compressed(let codec):
      let bytes = try FileHead.start(
        of: DecompressingReader(PlainSource(reader), codec: codec, inputBytes: 16 << 10))
      text = ContentKind(bytes.prefix(ContentKind.headBytes)) == .text ? bytes : []
      isEmpty = bytes.isEmpty
    case .empty, .parquet, .foreign:
      text = []
      isEmpty = kind == .empty
    }
  }

  private static func start(of source: any ByteSource) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: textBytes)
    let count = try bytes.withUnsafeMutableBytes { try source.read(into: $0) }
    return Array(bytes.prefix(count))
  }

  /// The first non-whitespace character after any byte order mark.
  package var firstCharacter: UInt8? {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let rest = text.starts(with: mark) ? text.dropFirst(mark.count) : text[...]
    return rest.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
  }
}
