import Columns

/// Reads the values of one column chunk in pieces of any size, page by page. What is decoded is what is asked for; of the
/// rest, only the current page is in memory.
final class LeafReader {
  let leaf: ParquetLeaf
  /// The maximum size in bytes of the values of one batch, and of a page.
  let limit: Int
  /// Entries, including nulls and empty lists, that are not in a page read so far.
  private var unread: Int
  private let pages: PageReader
  private(set) var dictionary: ParquetDictionary?
  private let rewritten = ScratchMemory()
  private static let block = 1024
  let indices = UnsafeMutablePointer<UInt32>.allocate(capacity: LeafReader.block)

  // The current page.
  /// Entries that have not been taken.
  private(set) var left = 0
  private var levels: RunLengthDecoder?
  /// For columns with several levels, all of the page's, from entry 0 on.
  private(set) var pageDefinitions: [UInt8] = []
  private(set) var pageRepetitions: [UInt8] = []
  private(set) var pageEntries = 0
  private var values = Values.none

  private enum Values {
    case none
    case plain(PlainValues)
    case indices(RunLengthDecoder)
    case bools(RunLengthDecoder)
  }

  /// Whether all levels of a page are kept: the leaf is within a list or struct.
  private let isNested: Bool

  init(_ leaf: ParquetLeaf, isNested: Bool, entries: Int, pages: PageReader, limit: Int) {
    self.leaf = leaf
    self.isNested = isNested
    self.pages = pages
    self.limit = limit
    unread = entries
  }

  deinit { indices.deallocate() }

  /// Whether the chunk has more entries.
  var hasMore: Bool { left > 0 || unread > 0 }

  /// Makes sure that the current page has entries left.
  func needPage() throws {
    while left == 0 {
      guard let content = try pages.next() else {
        throw ParquetFault.corrupt("its pages end \(unread) values before the end of the row group")
      }
      switch content {
      case .dictionary(let bytes, let count):
        guard dictionary == nil, pageEntries == 0 else { throw ParquetFault.corrupt("a second dictionary") }
        var plain = PlainValues(leaf, bytes)
        dictionary = ParquetDictionary(
          leaf.storage == .bytes
            ? .bytes(try strings(count) { try plain.read($0, into: &$1, ends: $2) })
            : try fixed(count) { try plain.read(count, into: $0) })
      case .data(let page): try begin(page)
      }
    }
  }

  private func begin(_ page: ParquetPage) throws {
    guard page.entries <= unread else {
      throw ParquetFault.corrupt("its pages have \(page.entries - unread) values more than its row group")
    }
    pageEntries = page.entries
    if isNested {
      pageDefinitions = try allLevels(page.definition, page.entries, leaf.maxDefinition)
      pageRepetitions = try allLevels(page.repetition, page.entries, leaf.maxRepetition)
    } else {
      levels = leaf.maxDefinition == 0 ? nil : try RunLengthDecoder(page.definition, width: 1)
    }
    values = try values(page)
    unread -= page.entries
    left = page.entries
  }

  private func allLevels(_ source: UnsafeRawBufferPointer, _ count: Int, _ most: Int) throws -> [UInt8] {
    if most == 0 { return [] }
    guard count <= limit else {
      throw ParquetFault.unsupported("\(count) levels take over \(limit) bytes in memory")
    }
    let width = 8 - UInt8(most).leadingZeroBitCount
    var decoder = try RunLengthDecoder(source, width: width)
    let levels = try [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      if let base = target.baseAddress { try decoder.read(count, into: base) }
      initialized = count
    }
    if let largest = levels.max(), largest > most {
      throw ParquetFault.corrupt("a level of \(largest), which is over \(most)")
    }
    return levels
  }

  private func values(_ page: ParquetPage) throws -> Values {
    let source = page.values
    switch page.encoding {
    case .plain: return .plain(PlainValues(leaf, source))
    case .plainDictionary, .rleDictionary:
      guard dictionary != nil else {
        throw ParquetFault.corrupt("a page needs a dictionary, but there is none")
      }
      guard leaf.physical != .boolean else {
        throw ParquetFault.corrupt("encoding \(page.encoding) does not go with type \(leaf.physical)")
      }
      guard let width = source.first else { return .none }
      return .indices(try RunLengthDecoder(.init(rebasing: source[1...]), width: Int(width)))
    case .rle:
      guard leaf.physical == .boolean else {
        throw ParquetFault.corrupt("encoding \(page.encoding) does not go with type \(leaf.physical)")
      }
      guard source.count >= 4 else { return .none }
      let length = Int(source.loadUnaligned(as: UInt32.self))
      guard length <= source.count - 4 else { throw ParquetFault.corrupt("runs of booleans end early") }
      return .bools(try RunLengthDecoder(.init(rebasing: source[4..<4 + length]), width: 1))
    default:
      // Pages of nulls may have no values at all, not even a count.
      if source.isEmpty { return .none }
      let form = PlainForm(leaf, limit: limit, rewritten)
      return .plain(PlainValues(leaf, try form.rewrite(source, page.encoding, most: page.entries)))
    }
  }

  /// Takes entries of the page. The caller reads their levels and values.
  func take(_ count: Int) { left -= count }

  /// Reads the levels of entries that are null or not.
  /// - Parameters:
  ///   - validity: Becomes non-nil at the first null.
  ///   - first: The row of the first of the entries, out of `rows`.
  /// - Returns: The number that are not null.
  func readFlags(_ count: Int, _ validity: inout [Bool]?, first: Int, rows: Int) throws -> Int {
    guard var decoder = levels else { return count }
    defer { levels = decoder }
    let run = try decoder.skip(count, of: 1)
    if run == count { return count }
    var flags = validity ?? Array(repeating: true, count: rows)
    validity = nil
    defer { validity = flags }
    return try flags.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return count }
      let part = (base + first + run).assumingMemoryBound(to: UInt8.self)
      // One bit each, so every byte is a valid `Bool`.
      try decoder.read(count - run, into: part)
      var present = run
      for index in 0..<count - run { present &+= Int(part[index]) }
      return present
    }
  }

  /// Whether the values of the current page are indices into the dictionary.
  var isDictionary: Bool { if case .indices = values { true } else { false } }

  private static var endsEarly: ParquetFault { .corrupt("a page ends before its last value") }

  /// Reads the next values of the page, which must not be strings.
  func read(_ count: Int, into target: UnsafeMutableRawPointer) throws {
    if count == 0 { return }
    switch values {
    case .none: throw Self.endsEarly
    case .plain(var plain):
      try plain.read(count, into: target)
      values = .plain(plain)
    case .bools(var decoder):
      try decoder.read(count, into: target.assumingMemoryBound(to: UInt8.self))
      values = .bools(decoder)
    case .indices:
      var done = 0
      try eachBlock(count) { dictionary, number in
        dictionary.gather(indices, number, into: target + done * stride)
        done += number
      }
    }
  }

  /// Reads the next strings of the page.
  func read(_ count: Int, into strings: inout StringBytes, ends: UnsafeMutablePointer<Int>) throws {
    if count == 0 { return }
    switch values {
    case .none, .bools: throw Self.endsEarly
    case .plain(var plain):
      try plain.read(count, into: &strings, ends: ends)
      values = .plain(plain)
    case .indices:
      var done = 0
      try eachBlock(count) { dictionary, number in
        try dictionary.gather(indices, number, into: &strings, ends: ends + done)
        done += number
      }
    }
  }

  /// Reads the next indices of the page, if it has indices.
  func readIndices(_ count: Int, into target: UnsafeMutablePointer<UInt32>) throws {
    guard case .indices(var decoder) = values, let dictionary else { throw Self.endsEarly }
    try decoder.read(count, into: target)
    try dictionary.check(target, count)
    values = .indices(decoder)
  }

  /// Reads indices into `indices`, some at a time, so that they stay in the cache.
  private func eachBlock(_ count: Int, _ body: (ParquetDictionary, Int) throws -> Void) throws {
    guard let dictionary else { throw Self.endsEarly }
    var done = 0
    while done < count {
      let number = min(count - done, Self.block)
      try readIndices(number, into: indices)
      try body(dictionary, number)
      done += number
    }
  }

  /// Bytes of a value; 0 for strings.
  var stride: Int {
    switch leaf.storage {
    case .bool: 1
    case .int32, .float: 4
    case .int64, .double: 8
    case .int128, .interval: 16
    case .bytes, .list, .structure: 0
    }
  }
}
