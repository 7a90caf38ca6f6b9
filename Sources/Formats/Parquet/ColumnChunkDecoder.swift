import Columns

/// Decodes the pages of one column chunk into a `Column`.
struct ColumnChunkDecoder {
  private let leaf: ParquetLeaf
  private let codec: ParquetCodec
  private let codecs: ParquetCodecs
  private let scratch: ScratchMemory
  private let rows: Int
  private let limit: Int

  private var values: ValueBuffer
  private var dictionary: ValueBuffer?
  /// nil until the first null.
  private var validity: [Bool]?
  private var rowsRead = 0
  private var indices: [UInt32] = []

  /// - Parameters:
  ///   - rows: Number of values in the chunk, including nulls.
  ///   - limit: The maximum size of the decoded values in bytes.
  init(
    _ leaf: ParquetLeaf, codec: ParquetCodec, rows: Int, limit: Int, codecs: ParquetCodecs,
    scratch: ScratchMemory
  ) throws {
    self.leaf = leaf
    self.codec = codec
    self.codecs = codecs
    self.scratch = scratch
    self.rows = rows
    self.limit = limit
    values = ValueBuffer(leaf, limit: limit)
    try values.checkRoom(for: rows)
    // Room for the levels and indices of a page that contains all rows.
    guard rows <= limit / MemoryLayout<UInt32>.stride else {
      throw ParquetFault.unsupported("\(rows) rows in a row group take over \(limit) bytes in memory")
    }
    values.reserve(rows)
  }

  /// - Parameter chunk: All bytes of the chunk: the headers and bodies of its pages.
  consuming func decode(_ chunk: UnsafeRawBufferPointer) throws -> Column {
    var rest = chunk
    while rowsRead < rows {
      guard rest.count > 0 else {
        throw ParquetFault.corrupt("its pages end after \(rowsRead) of \(rows) values")
      }
      var reader = ThriftReader(rest)
      let header = try ParquetPageHeader(&reader)
      rest = .init(rebasing: rest[reader.position...])
      guard header.compressedSize <= rest.count else {
        throw ParquetFault.corrupt("a page of \(header.compressedSize) bytes where \(rest.count) are left")
      }
      let body = UnsafeRawBufferPointer(rebasing: rest[..<header.compressedSize])
      rest = .init(rebasing: rest[header.compressedSize...])
      if let crc = header.crc, header.type != nil {
        guard crc32(of: body) == crc else { throw ParquetFault.corrupt("a page does not match its checksum") }
      }
      switch header.type {
      case .dictionary: try readDictionary(header, body)
      case .data: try readData(header, body)
      case .dataV2: try readDataV2(header, body)
      case .index, nil: break
      }
    }
    return try values.column(leaf.conversion, validity: validity)
  }

  /// - Returns: The decompressed bytes of `body`, valid until the next call.
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
    let target = scratch.bytes(size)
    let written = try codec.decompress(body, into: target)
    guard written == size else {
      throw ParquetFault.corrupt("a page decompresses to \(written) bytes, expected \(size)")
    }
    return UnsafeRawBufferPointer(target)
  }

  private mutating func readDictionary(_ header: ParquetPageHeader, _ body: UnsafeRawBufferPointer) throws {
    guard dictionary == nil, rowsRead == 0 else { throw ParquetFault.corrupt("a second dictionary") }
    let encoding = ParquetEncoding(rawValue: header.encoding)
    guard encoding == .plain || encoding == .plainDictionary else {
      throw ParquetFault.corrupt("a dictionary of encoding number \(header.encoding)")
    }
    let plain = try decompress(body, size: header.uncompressedSize)
    var entries = ValueBuffer(leaf, limit: limit)
    try entries.appendPlain(plain, count: header.values)
    dictionary = entries
  }

  private func encoding(_ header: ParquetPageHeader) throws -> ParquetEncoding {
    guard header.values <= rows - rowsRead else {
      throw ParquetFault.corrupt("its pages have more than the \(rows) values of the row group")
    }
    guard let encoding = ParquetEncoding(rawValue: header.encoding) else {
      throw ParquetFault.unsupported("pages of encoding number \(header.encoding) are not supported")
    }
    return encoding
  }

  private mutating func readData(_ header: ParquetPageHeader, _ body: UnsafeRawBufferPointer) throws {
    let encoding = try encoding(header)
    var rest = try decompress(body, size: header.uncompressedSize)
    var present = header.values
    if leaf.nullable {
      switch ParquetEncoding(rawValue: header.definitionEncoding) {
      case .rle:
        guard rest.count >= 4 else { throw ParquetFault.corrupt("a page lacks its levels") }
        let length = Int(rest.loadUnaligned(as: UInt32.self))
        guard length <= rest.count - 4 else {
          throw ParquetFault.corrupt("levels go over the end of their page")
        }
        present = try readLevels(.init(rebasing: rest[4..<4 + length]), header.values)
        rest = .init(rebasing: rest[(4 + length)...])
      case .bitPacked:
        let length = try withLevels(header.values) { try RunLengthDecoder.decodeLegacyBits(rest, into: $0) }
        present = addValidity(header.values)
        rest = .init(rebasing: rest[length...])
      default: throw ParquetFault.unsupported("levels of encoding number \(header.definitionEncoding)")
      }
    }
    try values.append(rest, count: present, encoding: encoding, dictionary: dictionary, indices: &indices)
    rowsRead += header.values
  }

  /// Data page version 2: the levels come first and are never compressed.
  private mutating func readDataV2(_ header: ParquetPageHeader, _ body: UnsafeRawBufferPointer) throws {
    let encoding = try encoding(header)
    guard header.repetitionBytes == 0 else {
      throw ParquetFault.corrupt("a flat column with repetition levels")
    }
    let levelBytes = header.definitionBytes
    guard levelBytes <= body.count, levelBytes <= header.uncompressedSize else {
      throw ParquetFault.corrupt("levels go over the end of their page")
    }
    var present = header.values
    if leaf.nullable {
      present = try readLevels(.init(rebasing: body[..<levelBytes]), header.values)
    }
    // The header's null count is ignored: Spark writes -1 when it has no statistics, and other writers get it wrong.
    var rest = UnsafeRawBufferPointer(rebasing: body[levelBytes...])
    if header.isCompressed { rest = try decompress(rest, size: header.uncompressedSize - levelBytes) }
    try values.append(rest, count: present, encoding: encoding, dictionary: dictionary, indices: &indices)
    rowsRead += header.values
  }

  private mutating func withLevels<R>(
    _ count: Int, _ body: (UnsafeMutableBufferPointer<UInt32>) throws -> R
  ) throws -> R {
    if indices.count < count { indices = [UInt32](repeating: 0, count: count) }
    return try indices.withUnsafeMutableBufferPointer { try body(.init(rebasing: $0[..<count])) }
  }

  /// - Returns: The number of non-null values in the page.
  private mutating func readLevels(_ source: UnsafeRawBufferPointer, _ count: Int) throws -> Int {
    try withLevels(count) { try RunLengthDecoder.decode(source, width: 1, into: $0) }
    return addValidity(count)
  }

  /// Records the validity from the levels, each 0 or 1, at the start of `indices`.
  private mutating func addValidity(_ count: Int) -> Int {
    var present = 0
    for index in 0..<count { present &+= Int(indices[index]) }
    if present == count, validity == nil { return present }
    if validity == nil {
      validity = [Bool](repeating: true, count: rowsRead)
      validity?.reserveCapacity(min(rows, 1 << 20))
    }
    let levels = indices
    validity?.extend(by: count, true) { target in
      for index in 0..<count { target[index] = levels[index] != 0 }
    }
    return present
  }
}
