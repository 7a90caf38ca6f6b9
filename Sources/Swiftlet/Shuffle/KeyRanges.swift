import Engine

/// Rows cut by ranges of their keys, with a file for each range (and each dataset, where there are two): what a task does with rows
/// that are too many for its memory. Within a range they keep their order.
struct KeyRanges {
  static let count = 16
  /// Cuts of cuts; beyond, a task takes more memory than it should: for a single key, nothing else is left to do.
  static let deepest = 24
  private static let blockBytes = 64 << 10

  /// The first key of every range but the first.
  private let boundaries: [[UInt8]]
  /// By range and dataset; `waiting` are the rows that are not in their file yet.
  private let files: [[any SpillFile]]
  private var waiting: [[[UInt8]]]

  /// - Parameter keys: Of the rows so far, or a sample of them, in order.
  /// - Returns: nil where all are the same.
  init?(keys: [[UInt8]], datasets: Int, _ task: StageTask) throws {
    var boundaries: [[UInt8]] = []
    for index in 1..<KeyRanges.count {
      let key = keys[keys.count * index / KeyRanges.count]
      if ByteOrder.compare(boundaries.last ?? keys[0], key) < 0 { boundaries.append(key) }
    }
    guard !boundaries.isEmpty else { return nil }
    self.boundaries = boundaries
    files = try (0...boundaries.count).map { _ in try (0..<datasets).map { _ in try task.context.spill() } }
    waiting = Array(repeating: Array(repeating: [], count: datasets), count: boundaries.count + 1)
  }

  mutating func append(
    _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, of dataset: Int = 0
  ) throws {
    let range = KeySample.partition(of: key, boundaries)
    RowBlocks.put(key, to: &waiting[range][dataset])
    RowBlocks.put(value, to: &waiting[range][dataset])
    if waiting[range][dataset].count >= KeyRanges.blockBytes { try write(range, dataset) }
  }

  /// All rows of the contents of a run.
  mutating func append(_ contents: [UInt8], of dataset: Int, _ task: StageTask) throws {
    try contents.withUnsafeBytes { bytes in
      try RowBlocks.forEachRow(bytes) { key, value in
        try task.step()
        try append(.init(rebasing: bytes[key]), .init(rebasing: bytes[value]), of: dataset)
      }
    }
  }

  /// The files of each range, in the order of the keys; for each dataset one.
  mutating func finish() throws -> [[RowSource]] {
    for range in files.indices {
      for dataset in files[range].indices { try write(range, dataset) }
    }
    waiting = []
    return files.map { $0.map(RowSource.file) }
  }

  private mutating func write(_ range: Int, _ dataset: Int) throws {
    guard !waiting[range][dataset].isEmpty else { return }
    try files[range][dataset].append(waiting[range][dataset])
    waiting[range][dataset].removeAll(keepingCapacity: true)
  }
}

/// Where rows come from.
enum RowSource {
  /// This partition of the task's n-th upstream stage.
  case upstream(Int)
  case file(any SpillFile)

  /// Calls `body` with contents of runs, one after the other.
  func forEach(_ task: StageTask, _ body: (_ contents: [UInt8]) throws -> Void) throws {
    switch self {
    case .upstream(let index):
      try task.context.forEachShuffleBlock(upstream: index) { _, block in
        try task.context.checkCancelled()
        try body(RowBlocks.contents(block))
      }
    case .file(let file):
      while let contents = try file.next() {
        try task.context.checkCancelled()
        try body(contents)
      }
    }
  }
}

/// Datasets of which a task needs the rows of a key together: all at once where they fit into its memory, else range by range.
enum RowRanges {
  /// Keys that ranges are found from.
  private static let sample = 4096

  /// - Parameter body: Takes a store for each source; the keys of a call are all after those of the one before.
  static func forEach(
    _ task: StageTask, _ sources: [RowSource], depth: Int = 0, _ body: ([RowStore]) throws -> Void
  ) throws {
    var stores = [RowStore](repeating: RowStore(), count: sources.count)
    var limit = task.context.memory / 2
    var cut: KeyRanges?
    for (dataset, source) in sources.enumerated() {
      try source.forEach(task) { contents in
        if cut != nil {
          try cut?.append(contents, of: dataset, task)
          return
        }
        try stores[dataset].append(contents, task)
        guard depth < KeyRanges.deepest, stores.reduce(0, { $0 + $1.byteCount }) > limit else { return }
        cut = try KeyRanges(keys: keys(stores), datasets: stores.count, task)
        if cut == nil { limit *= 2 }  // Of one key: it is looked at again when there are more.
        if cut != nil {
          for index in stores.indices {
            try stores[index].forEachContents { try cut?.append($0, of: index, task) }
            stores[index] = RowStore()
          }
        }
      }
    }
    guard cut != nil, let ranges = try cut?.finish() else { return try body(stores) }
    cut = nil
    for range in ranges { try forEach(task, range, depth: depth + 1, body) }
  }

  private static func keys(_ stores: [RowStore]) -> [[UInt8]] {
    var keys: [[UInt8]] = []
    for store in stores where store.count > 0 {
      for row in stride(from: 0, to: store.count, by: max(1, store.count / sample)) {
        store.withKey(row) { keys.append(Array($0)) }
      }
    }
    return keys.sorted { ByteOrder.compare($0, $1) < 0 }
  }
}
