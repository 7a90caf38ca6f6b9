import Basics
import Wire

/// A part of a map output's block.
package struct BlockRun: Sendable {
  enum Location: Sendable {
    case memory([UInt8])
    case disk(ScratchFile, ScratchFile.Extent)
  }

  let location: Location
  let count: Int
  let checksum: UInt64

  /// nil if it cannot be read back intact.
  package var bytes: [UInt8]? {
    switch location {
    case .memory(let bytes): bytes
    case .disk(let file, let extent): file.readChecked(extent)
    }
  }

  /// A part of the bytes; the receiver checks the checksum of the whole.
  func bytes(from start: Int, count: Int) -> [UInt8]? {
    switch location {
    case .memory(let bytes):
      if start == 0, count >= bytes.count { return bytes }
      return Array(bytes[start..<min(bytes.count, start + count)])
    case .disk(let file, let extent): return file.read(extent, from: start, count: count)
    }
  }
}

/// The output of a running map attempt: for each shuffle partition its runs in order. What does not
/// fit into the store's memory is spilled to the stage's file. Used by the attempt's thread.
package struct MapOutput {
  /// Approximate overhead of a run.
  static let overhead = 96

  private let store: BlockStore
  private let stage: StageID
  private(set) var partitions: [[BlockRun]]
  /// Bytes held in memory, overhead included, and bytes on disk.
  private(set) var held = 0
  private(set) var spilled = 0

  package init(_ store: BlockStore, stage: StageID, partitions: Int) {
    self.store = store
    self.stage = stage
    self.partitions = Array(repeating: [], count: partitions)
  }

  /// - Throws: `TaskFailure.transient` if the disk is full.
  package mutating func append(_ run: [UInt8], to partition: Int) throws(TaskFailure) {
    if run.isEmpty { return }
    let checksum: UInt64
    let location: BlockRun.Location
    if store.reserve(run.count + MapOutput.overhead) {
      held += run.count + MapOutput.overhead
      // Drops unused reserved capacity.
      location = .memory(
        run.capacity > run.count + run.count / 8 ? run.withUnsafeBufferPointer(Array.init) : run)
      checksum = XXH3.hash(run)
    } else {
      let file = try store.file(of: stage)
      let extent = try file.append(run)
      spilled += run.count
      location = .disk(file, extent)
      checksum = extent.checksum
    }
    partitions[partition].append(BlockRun(location: location, count: run.count, checksum: checksum))
  }

  /// Bytes of each partition.
  package var sizes: [Int] { partitions.map { $0.reduce(0) { $0 + $1.count } } }

  /// Releases everything, for an attempt that failed.
  package func discard() {
    store.release(held)
    for case .disk(let file, let extent) in partitions.joined().map(\.location) { file.forget(extent) }
  }
}
