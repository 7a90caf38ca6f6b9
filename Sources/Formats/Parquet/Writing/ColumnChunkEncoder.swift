import Columns

/// What the footer records about a written column chunk.
struct ParquetWrittenChunk {
  let field: ColumnField
  let codec: ParquetCodec
  let values: Int
  /// Bytes including page headers, before and after compression.
  let uncompressedSize: Int
  let compressedSize: Int
  /// File offsets of the first page and of the first data page.
  let offset: Int
  let dataOffset: Int
  let dataPages: Int
  let statistics: ColumnStatistics

  var hasDictionary: Bool { dataOffset > offset }
}

/// Writes the pages of column chunks, one chunk at a time. Reuses its memory between chunks.
struct ColumnChunkEncoder {
  /// Size of the values, before compression, at which a page is cut.
  private static let pageBytes = 1 << 20

  private let codec: ParquetCodec
  private let codecs: ParquetCodecs
  private let scratch = ScratchMemory()

  /// All bytes of the chunk.
  private(set) var chunk: [UInt8] = []
  private var page: [UInt8] = []
  private var levels: [UInt32] = []
  private var dictionary = DictionaryBuilder()
  private var uncompressedSize = 0
  private var dataPages = 0

  init(codec: ParquetCodec, codecs: ParquetCodecs) {
    self.codec = codec
    self.codecs = codecs
  }

  /// - Parameters:
  ///   - slice: Must not contain nulls unless the field is nullable.
  ///   - offset: File offset at which the chunk will begin.
  mutating func encode(_ slice: ColumnSlice, _ field: ColumnField, offset: Int) throws -> ParquetWrittenChunk
  {
    chunk.removeAll(keepingCapacity: true)
    uncompressedSize = 0
    dataPages = 0
    var dictionaryBytes = 0
    let statistics: ColumnStatistics
    switch slice.values {
    case .bool(let values):
      statistics = try values.withUnsafeBufferPointer { all in
        let values = UnsafeBufferPointer(rebasing: all[slice.range])
        try writePages(slice, field, .plain, bitsPerValue: 1) { range, page in
          Self.appendBits(values, range, &page)
        }
        return ColumnStatistics(values, nulls: slice.nulls)
      }
    case .int32(let values):
      statistics = try values.withUnsafeBufferPointer { all in
        let values = UnsafeBufferPointer(rebasing: all[slice.range])
        dictionaryBytes = try encodeFixed(values, as: UInt32.self, slice, field)
        return ColumnStatistics(values, nulls: slice.nulls)
      }
    case .int64(let values):
      statistics = try values.withUnsafeBufferPointer { all in
        let values = UnsafeBufferPointer(rebasing: all[slice.range])
        dictionaryBytes = try encodeFixed(values, as: UInt64.self, slice, field)
        return ColumnStatistics(values, nulls: slice.nulls)
      }
    case .float(let values):
      statistics = try values.withUnsafeBufferPointer { all in
        let values = UnsafeBufferPointer(rebasing: all[slice.range])
        dictionaryBytes = try encodeFixed(values, as: UInt32.self, slice, field)
        return ColumnStatistics(values, nulls: slice.nulls)
      }
    case .double(let values):
      statistics = try values.withUnsafeBufferPointer { all in
        let values = UnsafeBufferPointer(rebasing: all[slice.range])
        dictionaryBytes = try encodeFixed(values, as: UInt64.self, slice, field)
        return ColumnStatistics(values, nulls: slice.nulls)
      }
    case .bytes(let strings):
      statistics = try strings.offsets.withUnsafeBufferPointer { offsets in
        try strings.bytes.withUnsafeBytes { bytes in
          let range = slice.range.lowerBound..<slice.range.upperBound + 1
          let source = StringSource(offsets: .init(rebasing: offsets[range]), bytes: bytes)
          dictionaryBytes = try encodeStrings(source, slice, field)
          return ColumnStatistics(source, nulls: slice.nulls)
        }
      }
    case .dictionary(let column):
      let decoded = ColumnSlice(
        values: .bytes(column.decoded()), range: slice.range, validity: slice.validity, rows: slice.rows)
      return try encode(decoded, field, offset: offset)
    case .int128, .interval, .list, .structure:
      throw ParquetFault.unsupported("columns of type \(field.type.name) cannot be written")
    }
    return ParquetWrittenChunk(
      field: field, codec: codec, values: slice.rows, uncompressedSize: uncompressedSize,
      compressedSize: chunk.count, offset: offset, dataOffset: offset + dictionaryBytes, dataPages: dataPages,
      statistics: statistics)
  }

  /// - Returns: Size of the dictionary page in bytes, or 0 if there is no dictionary.
  private mutating func encodeFixed<T: BitwiseCopyable, Bits: FixedWidthInteger & UnsignedInteger>(
    _ values: UnsafeBufferPointer<T>, as bits: Bits.Type, _ slice: ColumnSlice, _ field: ColumnField
  ) throws -> Int {
    let width = MemoryLayout<T>.size
    let found = values.withMemoryRebound(to: bits) { dictionary.build(FixedSource(values: $0)) }
    if found, pays(entryBytes: dictionary.firstRows.count * width, plainBytes: values.count * width) {
      page.removeAll(keepingCapacity: true)
      for row in dictionary.firstRows {
        withUnsafeBytes(of: values[Int(row)]) { page.append(contentsOf: $0) }
      }
      return try writeIndices(slice, field)
    }
    try writePages(slice, field, .plain, bitsPerValue: width * 8) { range, page in
      page.append(contentsOf: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: values[range])))
    }
    return 0
  }

  private mutating func encodeStrings(
    _ source: StringSource, _ slice: ColumnSlice, _ field: ColumnField
  ) throws -> Int {
    let plainBytes = source.size + 4 * source.count
    if dictionary.build(source) {
      let entryBytes = dictionary.firstRows.reduce(0) { $0 + source[Int($1)].count + 4 }
      if pays(entryBytes: entryBytes, plainBytes: plainBytes) {
        page.removeAll(keepingCapacity: true)
        for row in dictionary.firstRows { Self.appendStrings(source, Int(row)..<Int(row) + 1, &page) }
        return try writeIndices(slice, field)
      }
    }
    let average = plainBytes / max(source.count, 1)
    try writePages(slice, field, .plain, bitsPerValue: average * 8) { range, page in
      Self.appendStrings(source, range, &page)
    }
    return 0
  }

  /// Compression already removes much of the redundancy that a dictionary would, so a dictionary must save at least a quarter
  /// before compression.
  private func pays(entryBytes: Int, plainBytes: Int) -> Bool {
    let indexBytes = BitPacking.bytes(dictionary.rows, width: dictionary.width)
    return entryBytes + indexBytes < plainBytes / 4 * 3
  }

  /// Writes `page`, which contains the entries, as the dictionary page, followed by the indices.
  private mutating func writeIndices(_ slice: ColumnSlice, _ field: ColumnField) throws -> Int {
    try writePage(.dictionary(entries: dictionary.firstRows.count))
    let size = chunk.count
    let width = dictionary.width
    // Moved out temporarily so that pages can be written while the indices are read.
    let indices = dictionary.indices
    try indices.withUnsafeBufferPointer { indices in
      try writePages(slice, field, .rleDictionary, bitsPerValue: width) { range, page in
        page.append(UInt8(width))
        RunLengthEncoder.encode(.init(rebasing: indices[range]), width: width, into: &page)
      }
    }
    return size
  }

  /// Cuts the rows into data pages of about `pageBytes`.
  /// - Parameter append: Appends the values in a range of the slice's values.
  private mutating func writePages(
    _ slice: ColumnSlice, _ field: ColumnField, _ encoding: ParquetEncoding, bitsPerValue: Int,
    _ append: (Range<Int>, inout [UInt8]) -> Void
  ) throws {
    let rowsPerPage = max(1, Self.pageBytes * 8 / max(bitsPerValue, 1))
    var firstValue = 0
    for firstRow in stride(from: 0, to: slice.rows, by: rowsPerPage) {
      let rows = firstRow..<min(firstRow + rowsPerPage, slice.rows)
      page.removeAll(keepingCapacity: true)
      var values = rows.count
      if field.nullable { values = appendLevels(slice.validity?[rows], rows.count) }
      append(firstValue..<firstValue + values, &page)
      firstValue += values
      try writePage(.data(values: rows.count, encoding))
      dataPages += 1
    }
  }

  /// - Returns: The number of rows that are not null.
  private mutating func appendLevels(_ validity: ArraySlice<Bool>?, _ rows: Int) -> Int {
    let start = page.count
    page.append(contentsOf: [0, 0, 0, 0])
    var present = rows
    if let validity {
      levels.removeAll(keepingCapacity: true)
      levels.append(contentsOf: validity.lazy.map { $0 ? 1 : 0 })
      present = levels.reduce(0) { $0 + Int($1) }
      levels.withUnsafeBufferPointer { RunLengthEncoder.encode($0, width: 1, into: &page) }
    } else {
      RunLengthEncoder.run(of: 1, count: rows, 1, into: &page)
    }
    let length = UInt32(page.count - start - 4)
    for byte in 0..<4 { page[start + byte] = UInt8(truncatingIfNeeded: length >> UInt32(8 * byte)) }
    return present
  }

  private static func appendBits(
    _ values: UnsafeBufferPointer<Bool>, _ range: Range<Int>, _ page: inout [UInt8]
  ) {
    page.extend(by: BitPacking.bytes(range.count, width: 1), 0) { target in
      for (index, row) in range.enumerated() where values[row] { target[index >> 3] |= 1 << UInt8(index & 7) }
    }
  }

  private static func appendStrings(_ source: StringSource, _ range: Range<Int>, _ page: inout [UInt8]) {
    let size = source.offsets[range.upperBound] - source.offsets[range.lowerBound] + 4 * range.count
    page.extend(by: size, 0) { target in
      let target = UnsafeMutableRawBufferPointer(target)
      var position = 0
      for row in range {
        let string = source[row]
        // A string longer than 32 bits can express makes its page too large, and `writePage` rejects the page.
        target.storeBytes(
          of: UInt32(truncatingIfNeeded: string.count), toByteOffset: position, as: UInt32.self)
        position &+= 4
        UnsafeMutableRawBufferPointer(rebasing: target[position..<position + string.count]).copyMemory(
          from: string)
        position &+= string.count
      }
    }
  }

  private enum PageKind {
    case dictionary(entries: Int)
    case data(values: Int, ParquetEncoding)
  }

  /// Compresses `page` and appends it to the chunk.
  private mutating func writePage(_ kind: PageKind) throws {
    let page = page
    try page.withUnsafeBytes { plain in
      guard let codec = codecs.codec(codec) else { return try append(plain, plainSize: plain.count, kind) }
      let target = scratch.bytes(codec.maxCompressedSize(of: plain.count))
      let size = try codec.compress(plain, into: target)
      try append(.init(rebasing: target[..<size]), plainSize: plain.count, kind)
    }
  }

  /// Appends a page and its header to the chunk.
  private mutating func append(_ body: UnsafeRawBufferPointer, plainSize: Int, _ kind: PageKind) throws {
    guard let plainBytes = Int32(exactly: plainSize), let bodyBytes = Int32(exactly: body.count) else {
      throw ParquetFault.unsupported("strings of \(plainSize) bytes in a page, which can have 2³¹ − 1")
    }
    var header = ThriftWriter()
    header.structure { header in
      switch kind {
      case .dictionary: header.int32(1, ParquetPageType.dictionary.rawValue)
      case .data: header.int32(1, ParquetPageType.data.rawValue)
      }
      header.int32(2, plainBytes)
      header.int32(3, bodyBytes)
      header.int32(4, Int32(bitPattern: crc32(of: body)))
      switch kind {
      case .dictionary(let entries):
        header.structure(7) { header in
          header.int32(1, Int32(entries))
          header.int32(2, ParquetEncoding.plain.rawValue)
        }
      case .data(let values, let encoding):
        header.structure(5) { header in
          header.int32(1, Int32(values))
          header.int32(2, encoding.rawValue)
          header.int32(3, ParquetEncoding.rle.rawValue)
          header.int32(4, ParquetEncoding.rle.rawValue)
        }
      }
    }
    chunk.append(contentsOf: header.bytes)
    chunk.append(contentsOf: body)
    uncompressedSize += header.bytes.count + plainSize
  }
}
