import Columns
import Formats
import Storage
import TestSupport
import Testing

/// Broken and hostile files: each must give a `StorageError` that names the file, or its right values; a trap or endless
/// allocation would end the test process.
@Suite struct ParquetHostileTests {
  /// Reads each column of each row group by itself, so that one that is broken does not hide the next.
  private func readAll(_ bytes: [UInt8]) -> [StorageError] {
    var errors: [StorageError] = []
    func attempt<R>(_ body: () throws -> R) -> R? {
      do {
        return try body()
      } catch let error as StorageError {
        errors.append(error)
      } catch {
        Issue.record("not a StorageError: \(error)")
      }
      return nil
    }
    guard let file = attempt({ try ParquetFile(ParquetBytes(bytes), maxColumnBytes: 1 << 20) }) else {
      return errors
    }
    for group in file.rowGroups.indices {
      for field in file.fields {
        guard let batch = attempt({ try file.read(rowGroup: group, columns: [field.name]) }) else { continue }
        let column = batch.columns[0]
        #expect(column.values.count == batch.rows && (column.validity?.count ?? batch.rows) == batch.rows)
        #expect(column.values.storage == field.type.storage)
        if case .bytes(let strings) = column.values { #expect(strings.offsets.last == strings.bytes.count) }
      }
    }
    return errors
  }

  private func mutate(_ bytes: [UInt8], _ generator: inout SeededRandom) -> [UInt8] {
    var bytes = bytes
    // Half of the changes go to the footer, the other half to the pages before it.
    let length = bytes.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    for _ in 0..<Int.random(in: 1...4, using: &generator) where bytes.count > 16 {
      let footer = min(max(1, bytes.count - 8 - length), bytes.count - 1)
      let part = Bool.random(using: &generator) ? footer..<bytes.count : 0..<footer
      let position = Int.random(in: part, using: &generator)
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: bytes[position] = UInt8.random(in: 0...255, using: &generator)
      case 2: bytes[position] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &generator) ?? 0
      case 3: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: position)
      case 4: bytes.remove(at: position)
      case 5: for index in position..<min(position + 9, bytes.count) { bytes[index] = 0xff }
      case 6: bytes.removeSubrange(0..<Int.random(in: 0...min(position, 20), using: &generator))
      default:
        let other = Int.random(in: 0..<bytes.count, using: &generator)
        for index in 0..<min(8, bytes.count - max(position, other)) {
          bytes[position + index] = bytes[other + index]
        }
      }
    }
    return bytes
  }

  @Test func mutatedFiles() throws {
    let batch = ParquetFixtures.batch(rows: 60, spread: 20, seed: 4)
    var files = try ParquetFixtures.files()
    #expect(files.count == 12)
    for codec in ParquetCodec.allCases {
      files.append(
        ("ours", try ParquetFixtures.write([batch], options: .init(codec: codec, rowGroupRows: 40))))
    }
    var failures = 0
    for (name, bytes) in files {
      #expect(readAll(bytes).isEmpty, "\(name)")
      for seed in 0..<ParquetFixtures.mutations {
        var generator = SeededRandom(state: UInt64(seed))
        let errors = readAll(mutate(bytes, &generator))
        failures += errors.isEmpty ? 0 : 1
        for error in errors {
          #expect(error.description.hasPrefix("memory.parquet"), "\(name), seed \(seed)")
          switch error {
          case .corrupt, .invalid: break
          case .transient, .notFound: Issue.record("\(name), seed \(seed): \(error)")
          }
        }
      }
    }
    // Most changes must be noticed: metadata is dense.
    #expect(failures > files.count * ParquetFixtures.mutations / 3)
  }

  @Test func everyTruncation() throws {
    let bytes = try ParquetFixtures.write([ParquetFixtures.batch(rows: 10, spread: 5, seed: 6)])
    for end in bytes.indices { #expect(!readAll(Array(bytes[..<end])).isEmpty) }
    // Bytes that a listing promises but the store does not have.
    let error = #expect(throws: StorageError.self) {
      try ParquetFile(ParquetBytes(bytes, size: bytes.count + 100))
    }
    #expect(error?.description.contains("the file ends after") == true)
  }

  private func message(_ bytes: [UInt8]) -> String { readAll(bytes).first?.description ?? "no error" }

  @Test func footers() {
    func file(length: UInt32, magic: String = "PAR1") -> [UInt8] {
      Array("PAR1".utf8) + [0] + withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array(magic.utf8)
    }
    #expect(message([]) == "memory.parquet: looks like an empty file; expected Parquet")
    #expect(message(file(length: .max)).contains("a footer of 4294967295 bytes in a file of 13"))
    #expect(message(file(length: 2)).contains("a footer of 2 bytes"))
    #expect(message(file(length: 1)).contains("lacks the schema"))
    #expect(message(file(length: 0)).contains("ends in the middle"))
    #expect(message(file(length: 1, magic: "PARE")).contains("the file is encrypted"))
    #expect(message(file(length: 1, magic: "ORC1")).contains("does not end with PAR1"))
    #expect(message(Array("a,b\n1,2\n3,4\n".utf8)) == "memory.parquet: looks like text; expected Parquet")
    #expect(
      message([0x1f, 0x8b] + [UInt8](repeating: 1, count: 30)).contains("compressed as a whole with gzip"))
  }

  private func expect(
    _ file: CraftedFile, fails message: String, location: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: StorageError.self, sourceLocation: location) { try file.read() }
    #expect(
      error?.description.contains(message) == true, "\(String(describing: error))", sourceLocation: location)
  }

  @Test func counts() {
    let one = CraftedFile.Page(values: 1, body: [UInt8](repeating: 0, count: 8))
    #expect(throws: Never.self) { try CraftedFile(pages: [one]).read() }
    expect(CraftedFile(rows: 1 << 62, pages: [one]), fails: "row group 0, column 'x': its values take over")
    expect(CraftedFile(rows: -5, pages: [one]), fails: "a row group lacks its number of rows")
    expect(CraftedFile(rows: 1, values: 2, pages: [one]), fails: "with 2 values")
    expect(CraftedFile(rows: 2, pages: [one]), fails: "values before the end of the row group")
    expect(CraftedFile(rows: 1, pages: [.init(values: 2, body: [])]), fails: "values more than its row group")
    expect(CraftedFile(rows: 1, pages: [.init(values: -1, body: [])]), fails: "negative number of values")
    expect(
      CraftedFile(rows: 1, pages: [.init(values: 1, body: [0])]), fails: "a page ends before its last value")
    expect(CraftedFile(pages: [.init(values: 1, body: [], compressedSize: -1)]), fails: "negative size")
    expect(
      CraftedFile(pages: [.init(values: 1, body: [], compressedSize: .max)]),
      fails: "a page of 2147483647 bytes")
    expect(
      CraftedFile(physical: .fixedLenByteArray, typeLength: .max, pages: [one]),
      fails: "ends before its last value")
    expect(
      CraftedFile(physical: .fixedLenByteArray, typeLength: -1, pages: [one]), fails: "values of -1 bytes")
  }

  @Test func claimsOfCompressedPages() {
    for codec: Int32 in [1, 2, 6] {
      let page = CraftedFile.Page(values: 1, body: [1, 2, 3, 4], uncompressedSize: .max)
      expect(CraftedFile(codec: codec, pages: [page]), fails: "cannot hold the 2147483647 that it claims")
      let small = CraftedFile.Page(values: 1, body: [1, 2, 3, 4], uncompressedSize: 8)
      expect(
        CraftedFile(codec: codec, pages: [small]), fails: codec == 1 ? "snappy" : codec == 2 ? "gzip" : "zstd"
      )
    }
    expect(CraftedFile(codec: 3, pages: []), fails: "compression LZO is not supported")
    expect(CraftedFile(codec: 99, pages: []), fails: "compression number 99 is not supported")
  }

  @Test func runsThatStandForTooMuch() {
    // Four bytes of run stand for 2²⁵ booleans, or for 2²³ copies of a kilobyte.
    let run: [UInt8] = [0x80, 0x80, 0x80, 0x20, 1]
    let bools = CraftedFile(
      physical: .boolean, rows: 1 << 25,
      pages: [.init(values: 1 << 25, encoding: .rle, body: [5, 0, 0, 0] + run)])
    expect(bools, fails: "take over 16777216 bytes in memory")
    #expect(throws: Never.self) { try bools.read(maxColumnBytes: 1 << 26) }
    let kilobyte = [0, 4, 0, 0] + [UInt8](repeating: 0x61, count: 1024)
    let copies: [UInt8] = [1, 0x80, 0x80, 0x08, 0]
    expect(
      CraftedFile(
        physical: .byteArray, rows: 1 << 16,
        pages: [
          .init(kind: .dictionary, values: 1, body: kilobyte),
          .init(values: 1 << 16, encoding: .rleDictionary, body: copies),
        ]), fails: "take over 16777216 bytes in memory")
  }

  @Test func dictionaries() {
    let entries = CraftedFile.Page(kind: .dictionary, values: 2, body: [UInt8](repeating: 1, count: 16))
    func indices(_ body: [UInt8]) -> CraftedFile.Page {
      .init(values: 1, encoding: .rleDictionary, body: body)
    }
    #expect(throws: Never.self) { try CraftedFile(pages: [entries, indices([2, 2, 1])]).read() }
    expect(
      CraftedFile(pages: [entries, indices([2, 2, 2])]), fails: "index 2 into a dictionary of 2 values")
    expect(CraftedFile(pages: [entries, indices([32, 2, 255, 255, 255, 255])]), fails: "index 4294967295")
    expect(CraftedFile(pages: [entries, indices([33, 2, 0])]), fails: "values of 33 bits")
    expect(CraftedFile(pages: [entries, indices([])]), fails: "a page ends before its last value")
    expect(CraftedFile(pages: [indices([2, 2, 1])]), fails: "there is none")
    expect(CraftedFile(pages: [entries, entries]), fails: "a second dictionary")
    expect(CraftedFile(physical: .boolean, pages: [entries, indices([1, 2, 1])]), fails: "does not go with")
  }

  @Test func strings() throws {
    func text(
      _ body: [UInt8], _ encoding: ParquetEncoding = .plain, rows: Int32 = 1, isText: Bool = true
    ) -> CraftedFile {
      CraftedFile(
        physical: .byteArray, isText: isText, rows: Int64(rows),
        pages: [.init(values: rows, encoding: encoding, body: body)])
    }
    expect(text([255, 255, 255, 255, 1]), fails: "a page ends before its last value")
    expect(text([1, 0, 0, 0, 0xff]), fails: "not UTF-8")
    #expect(
      try text([1, 0, 0, 0, 0xff], isText: false).read().values == .bytes(StringColumn(bytes: [[0xff]])))
    // "é" cut in two: valid as a whole, not each by itself.
    expect(text([1, 0, 0, 0, 0xc3, 1, 0, 0, 0, 0xa9], rows: 2), fails: "not UTF-8")
    // One length, of −1, of 100.
    expect(text([128, 1, 4, 1, 1], .deltaLengthByteArray), fails: "negative length")
    expect(text([128, 1, 4, 1, 200, 1], .deltaLengthByteArray), fails: "over the end of its page")
    // A prefix of 1 where there is no string before.
    expect(
      text([128, 1, 4, 1, 2, 128, 1, 4, 1, 2, 0x61], .deltaByteArray), fails: "over the end of its page")
    #expect(
      try text([128, 1, 4, 1, 0, 128, 1, 4, 1, 2, 0x61], .deltaByteArray).read().values
        == .bytes(StringColumn(["a"])))
  }

  @Test func levels() throws {
    func file(_ levels: [UInt8], _ encoding: ParquetEncoding) -> CraftedFile {
      let values = [UInt8](repeating: 5, count: 8)
      return CraftedFile(
        nullable: true, rows: 3, pages: [.init(values: 3, levels: encoding, body: levels + values)])
    }
    let expected = Column(.int64([0, 0x0505_0505_0505_0505, 0]), validity: [false, true, false])
    // One group of packed levels, and the legacy form, whose first value is in the highest bit.
    #expect(try file([2, 0, 0, 0, 0b11, 0b010], .rle).read() == expected)
    #expect(try file([0b0100_0000], .bitPacked).read() == expected)
    expect(file([255, 255, 255, 255], .rle), fails: "levels go over the end")
    expect(file([1, 0, 0, 0, 6], .rle), fails: "a run lacks its value")
    expect(file([2, 0, 0, 0, 6, 1], .rle), fails: "a page ends before its last value")
    expect(file([], .plain), fails: "levels of encoding number 0")
    var second = CraftedFile(nullable: true, rows: 3, pages: [])
    second.pages = [
      .init(
        kind: .dataV2, values: 3, body: [0b11, 0b010] + [UInt8](repeating: 5, count: 8), nulls: 2,
        levelBytes: 2)
    ]
    #expect(try second.read() == expected)
    // Spark writes -1 without statistics, others a wrong number: only a hint.
    for nulls: Int32 in [-1, 1, 3, .max] {
      second.pages[0].nulls = nulls
      #expect(try second.read() == expected)
    }
    second.pages[0].levelBytes = 100
    expect(second, fails: "levels go over the end")
  }

  @Test func levelsOverOneAreRefused() {
    // A run-length value takes a whole byte, though only one bit of it means something.
    let body: [UInt8] = [2, 0, 0, 0, 2, 7] + [UInt8](repeating: 5, count: 64)
    expect(
      CraftedFile(nullable: true, rows: 1, pages: [.init(values: 1, body: body)]), fails: "over the width")
  }

  @Test func pagesAndFieldsOfLaterVersions() throws {
    var file = CraftedFile(
      pages: [
        .init(kind: .unknown, values: 0, body: [1, 2, 3]), .init(values: 1, body: [1, 0, 0, 0, 0, 0, 0, 0]),
      ])
    file.extra = { footer in footer.structure(99) { $0.strings(1, ["what", "is", "this"]) } }
    #expect(try file.read().values == .int64([1]))
  }
}
