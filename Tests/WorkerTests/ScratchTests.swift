import Basics
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing
import Wire
import Worker

/// A disk that takes some bytes and is full then.
func fullDisk(after bytes: Int) -> Scratch.Write {
  let room = FullDisk(bytes)
  return { descriptor, source, count, offset in
    let taken = room.take(count)
    if taken > 0 { return pwrite(descriptor, source, taken, offset) }
    errno = ENOSPC
    return -1
  }
}

private final class FullDisk: Sendable {
  private let room: Mutex<Int>
  init(_ bytes: Int) { room = Mutex(bytes) }

  func take(_ count: Int) -> Int {
    room.withLock { room in
      let taken = min(count, room)
      room -= taken
      return taken
    }
  }
}

/// A disk that changes a bit of what it is given.
let forgetfulDisk: Scratch.Write = { descriptor, source, count, offset in
  guard let source, count > 0 else { return 0 }
  var bytes = [UInt8](UnsafeRawBufferPointer(start: source, count: count))
  bytes[count / 2] ^= 4
  return pwrite(descriptor, bytes, count, offset)
}

func bytes(_ count: Int, seed: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31 &+ seed &* 7919) ^ ($0 >> 5)) }
}

@Suite struct ScratchTests {
  @Test func givesBackWhatWasWrittenInPieces() throws {
    let folder = try TemporaryFolder()
    // One byte a call: a write may always be cut short.
    let scratch = Scratch(folder.path) { pwrite($0, $1, min($2, 1), $3) }
    let file = try scratch.file()
    let parts = [0, 1, 300, 5000].map { bytes($0, seed: $0) }
    let extents = try parts.map { try file.append($0) }
    #expect(zip(extents, parts).allSatisfy { file.readChecked($0) == $1 })
    #expect(file.read(extents[3], from: 100, count: 50) == Array(parts[3][100..<150]))
    #expect(file.read(extents[3], from: 4990, count: 50) == Array(parts[3][4990...]))
  }

  @Test func leavesNoNames() throws {
    let folder = try TemporaryFolder()
    let file = try Scratch(folder.path).file()
    _ = try file.append(bytes(10_000, seed: 1))
    #expect(folder.names() == [])
  }

  @Test func aFullDiskIsATransientFailureThatNamesTheFolder() throws {
    let folder = try TemporaryFolder()
    let file = try Scratch(folder.path, write: fullDisk(after: 1500)).file()
    let first = try file.append(bytes(1000, seed: 1))
    #expect {
      try file.append(bytes(1000, seed: 2))
    } throws: { error in
      guard case .transient(let message)? = error as? TaskFailure else { return false }
      return message.hasPrefix(folder.path + ":") && message.contains("No space left on device")
    }
    #expect(file.readChecked(first) == bytes(1000, seed: 1))
  }

  @Test func aFolderThatIsNotThereIsNamed() {
    #expect {
      try Scratch("/nowhere/at/all").file()
    } throws: { error in
      (error as? TaskFailure)?.message.hasPrefix("/nowhere/at/all: cannot make a temporary file:") == true
    }
  }

  @Test func changedBytesAreFound() throws {
    let folder = try TemporaryFolder()
    let file = try Scratch(folder.path, write: forgetfulDisk).file()
    let extent = try file.append(bytes(1000, seed: 1))
    #expect(file.readChecked(extent) == nil)
  }
}

@Suite struct MemorySharesTests {
  @Test func tooLittleForTheSlotsIsRefused() throws {
    #expect {
      try MemoryShares(total: 64 << 20, slots: 4)
    } throws: { error in
      "\(error)"
        == "64 MiB of memory are too little for 4 executor slots: expected at least 156 MiB, or fewer slots"
    }
    #expect(throws: ClusterError.self) { try MemoryShares(total: 0, slots: 1) }
  }

  @Test(arguments: [(64, 1), (156, 4), (2048, 2), (100_000, 64)])
  func noMoreIsSharedOutThanThereIs(mebibytes: Int, slots: Int) throws {
    let shares = try MemoryShares(total: mebibytes << 20, slots: slots)
    #expect(shares.slot >= MemoryShares.leastSlot && shares.stored >= 1 << 20 && shares.outgoing >= 1 << 20)
    #expect(
      MemoryShares.base + shares.slot * slots + shares.stored + shares.outgoing <= mebibytes << 20)
  }
}
