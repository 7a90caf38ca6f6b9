import Engine
import Synchronization
import Wire

/// A spill file of one task attempt.
final class TaskSpill: SpillFile {
  private let file: ScratchFile
  private let location: String
  private let onAppend: (Int) -> Void
  private var extents: [ScratchFile.Extent] = []
  private var read = 0

  /// - Parameter onAppend: Called with the size of each block.
  init(_ scratch: Scratch, onAppend: @escaping (Int) -> Void) throws(TaskFailure) {
    file = try scratch.file()
    location = scratch.folder
    self.onAppend = onAppend
  }

  func append(_ block: [UInt8]) throws {
    guard read == 0 else {
      throw TaskFailure.fatal("a block was appended to a spill file that is being read")
    }
    extents.append(try file.append(block))
    onAppend(block.count)
  }

  func next() throws -> [UInt8]? {
    guard read < extents.count else { return nil }
    let extent = extents[read]
    read += 1
    guard let block = file.readChecked(extent) else {
      throw TaskFailure.transient("\(location): a temporary file does not give back what was written to it")
    }
    return block
  }
}
