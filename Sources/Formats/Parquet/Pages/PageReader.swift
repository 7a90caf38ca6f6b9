/// A data page: decompressed, its parts apart. The bytes are valid until the next page is read.
struct ParquetPage {
  /// Including nulls and empty lists.
  let entries: Int
  let encoding: ParquetEncoding
  /// Runs of levels; empty for columns that have no such levels.
  let repetition: UnsafeRawBufferPointer
  let definition: UnsafeRawBufferPointer
  let values: UnsafeRawBufferPointer
}

/// Reads the pages of a column chunk: headers, checksums, decompression, levels.
final class PageReader {
  /// Longer page headers are refused. Only statistics of long strings make them longer than a hundred bytes.
  private static let longestHeader = 16 << 20

  enum Content {
    /// - values: Number of PLAIN values in `bytes`.
    case dictionary(bytes: UnsafeRawBufferPointer, values: Int)
    case data(ParquetPage)
  }

  private let bytes: ChunkBytes
  private let leaf: ParquetLeaf
  private let codec: ParquetCodec
  private let codecs: ParquetCodecs
  private let memory = ScratchMemory()
  private let limit: Int
  /// Levels in the legacy encoding, converted to runs.
  private let legacyLevels = ScratchMemory()

  /// - Parameter limit: The maximum size of a page in memory.
  init(_ bytes: ChunkBytes, _ leaf: ParquetLeaf, codec: ParquetCodec, codecs: ParquetCodecs, limit: Int) {
    self.bytes = bytes
    self.leaf = leaf
    self.codec = codec
    self.codecs = codecs
    self.limit = limit
  }

  /// Returns nil at the end of the chunk. Skips pages of kinds that later versions of the format may add.
  func next() throws -> Content? {
    while bytes.remaining > 0 {
      let header = try header()
      guard header.compressedSize <= bytes.remaining else {
        throw ParquetFault.corrupt(
          "a page of \(header.compressedSize) bytes where \(bytes.remaining) are left")
      }
      let body = UnsafeRawBufferPointer(
        rebasing: try bytes.peek(header.compressedSize)[..<header.compressedSize])
      bytes.consume(header.compressedSize)
      if let crc = header.crc, header.type != nil {
        guard crc32(of: body) == crc else { throw ParquetFault.corrupt("a page does not match its checksum") }
      }
      switch header.type {
      case .dictionary: return try dictionary(header, body)
      case .data: return .data(try data(header, body))
      case .dataV2: return .data(try dataV2(header, body))
      case .index, nil: break
      }
    }
    return nil
  }

  private func header() throws -> ParquetPageHeader {
    var size = 1024
    while true {
      let window = try bytes.peek(size)
      do {
        var reader = ThriftReader(window)
        let header = try ParquetPageHeader(&reader)
        bytes.consume(reader.position)
        return header
      } catch {
        // It may only be cut off by the end of the window.
        guard window.count < bytes.remaining, window.count < Self.longestHeader else { throw error }
        size = window.count * 2
      }
    }
  }

  private func decompress(_ body: UnsafeRawBufferPointer, size: Int) throws -> UnsafeRawBufferPointer {
    guard let codec = codecs.codec(codec) else {
      guard body.count == size else {
        throw ParquetFault.corrupt("an uncompressed page of \(body.count) bytes, expected \(size)")
      }
      return body
    }
    if size == 0 { return .init(start: nil, count: 0) }
    guard size <= self.codec.maxDecompressedSize(of: body.count) else {
      throw ParquetFault.corrupt("a page of \(body.count) bytes cannot hold the \(size) that it claims")
    }
    guard size <= limit else { throw ParquetFault.unsupported("a page takes over \(limit) bytes in memory") }
    let target = memory.bytes(size)
    let written = try codec.decompress(body, into: target)
    guard written == size else {
      throw ParquetFault.corrupt("a page decompresses to \(written) bytes, expected \(size)")
    }
    return UnsafeRawBufferPointer(target)
  }

  private func dictionary(_ header: ParquetPageHeader, _ body: UnsafeRawBufferPointer) throws -> Content {
    let encoding = ParquetEncoding(rawValue: header.encoding)
    guard encoding == .plain || encoding == .plainDictionary else {
      throw ParquetFault.corrupt("a dictionary of encoding number \(header.encoding)")
    }
    return .dictionary(bytes: try decompress(body, size: header.uncompressedSize), values: header.values)
  }

  private func encoding(_ header: ParquetPageHeader) throws -> ParquetEncoding {
    guard let encoding = ParquetEncoding(rawValue: header.encoding) else {
      throw ParquetFault.unsupported("pages of encoding number \(header.encoding) are not supported")
    }
    return encoding
  }

  private func data(_ header: ParquetPageHeader, _ body: UnsafeRawBufferPointer) throws -> ParquetPage {
    let encoding = try encoding(header)
    var rest = try decompress(body, size: header.uncompressedSize)
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    let repetition =
      leaf.maxRepetition == 0 ? none : try levels(header.repetitionEncoding, header.values, false, &rest)
    let definition =
      leaf.maxDefinition == 0
      ? none : try levels(header.definitionEncoding, header.values, leaf.maxRepetition == 0, &rest)
    return ParquetPage(
      entries: header.values, encoding: encoding, repetition: repetition, definition: definition, values: rest
    )
  }

  /// Takes one kind of levels off the front of `rest`.
  /// - Parameter allowsLegacy: Whether levels in BIT_PACKED encoding can be read.
  private func levels(
    _ encoding: Int32, _ count: Int, _ allowsLegacy: Bool, _ rest: inout UnsafeRawBufferPointer
  ) throws -> UnsafeRawBufferPointer {
    switch ParquetEncoding(rawValue: encoding) {
    case .rle:
      guard rest.count >= 4 else { throw ParquetFault.corrupt("a page lacks its levels") }
      let length = Int(rest.loadUnaligned(as: UInt32.self))
      guard length <= rest.count - 4 else {
        throw ParquetFault.corrupt("levels go over the end of their page")
      }
      defer { rest = .init(rebasing: rest[(4 + length)...]) }
      return .init(rebasing: rest[4..<4 + length])
    case .bitPacked where allowsLegacy && leaf.maxDefinition == 1:
      let length = BitPacking.bytes(count, width: 1)
      guard length <= rest.count else { throw ParquetFault.corrupt("levels end before the last value") }
      let runs = RunLengthDecoder.runs(legacyBits: .init(rebasing: rest[..<length]))
      rest = .init(rebasing: rest[length...])
      let copy = legacyLevels.bytes(runs.count)
      copy.copyBytes(from: runs)
      return UnsafeRawBufferPointer(copy)
    default: throw ParquetFault.unsupported("levels of encoding number \(encoding)")
    }
  }

  /// Data page version 2: the levels come first and are never compressed.
  private func dataV2(_ header: ParquetPageHeader, _ body: UnsafeRawBufferPointer) throws -> ParquetPage {
    let encoding = try encoding(header)
    guard leaf.maxRepetition > 0 || header.repetitionBytes == 0 else {
      throw ParquetFault.corrupt("a column without lists has repetition levels")
    }
    let levelBytes = header.repetitionBytes + header.definitionBytes
    guard levelBytes <= body.count, levelBytes <= header.uncompressedSize else {
      throw ParquetFault.corrupt("levels go over the end of their page")
    }
    // The header's null count is ignored: Spark writes -1 when it has no statistics, and other writers get it wrong.
    var rest = UnsafeRawBufferPointer(rebasing: body[levelBytes...])
    if header.isCompressed { rest = try decompress(rest, size: header.uncompressedSize - levelBytes) }
    return ParquetPage(
      entries: header.values, encoding: encoding,
      repetition: .init(rebasing: body[..<header.repetitionBytes]),
      definition: .init(rebasing: body[header.repetitionBytes..<levelBytes]), values: rest)
  }
}
