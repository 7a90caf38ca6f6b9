import Basics
import CLinux
import Glibc
import Synchronization
import Wire

/// The folder of a worker's temporary files. The files are unlinked: the system removes them when the process ends,
/// however it ends.
package final class Scratch: Sendable {
  /// As `pwrite`; replaced in tests.
  package typealias Write = @Sendable (CInt, UnsafeRawPointer?, Int, Int) -> Int

  package let folder: String
  private let write: Write

  package init(_ folder: String, write: @escaping Write = { pwrite($0, $1, $2, $3) }) {
    self.folder = folder
    self.write = write
  }

  /// `TMPDIR`, or `/tmp`.
  package static var systemFolder: String {
    guard let folder = getenv("TMPDIR"), folder[0] != 0 else { return "/tmp" }
    return String(cString: folder)
  }

  /// - Throws: `TaskFailure.transient`.
  package func file() throws(TaskFailure) -> ScratchFile {
    let descriptor = swiftlet_open_temporary(folder)
    guard descriptor >= 0 else {
      throw .transient("\(folder): cannot make a temporary file: \(String(cString: strerror(errno)))")
    }
    return ScratchFile(descriptor, in: folder, write)
  }
}

/// A temporary file: bytes are appended, and read from anywhere. Can be used from any thread.
package final class ScratchFile: Sendable {
  /// Position, length and checksum of stored bytes.
  package struct Extent: Hashable, Sendable {
    package let offset: Int
    package let count: Int
    package let checksum: UInt64
  }

  private let descriptor: CInt
  private let folder: String
  private let write: Scratch.Write
  private let end = Atomic(0)

  init(_ descriptor: CInt, in folder: String, _ write: @escaping Scratch.Write) {
    self.descriptor = descriptor
    self.folder = folder
    self.write = write
  }

  deinit { close(descriptor) }

  /// - Throws: `TaskFailure.transient` with the folder and the reason: the disk is full, or broken.
  package func append(_ bytes: [UInt8]) throws(TaskFailure) -> Extent {
    let offset = end.add(bytes.count, ordering: .relaxed).oldValue
    let code = bytes.withUnsafeBytes { bytes -> CInt in
      var done = 0
      while done < bytes.count {
        let count = write(
          descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, offset + done)
        if count > 0 {
          done += count
        } else if count == 0 || errno != EINTR {
          return count == 0 ? EIO : errno
        }
      }
      return 0
    }
    let extent = Extent(offset: offset, count: bytes.count, checksum: XXH3.hash(bytes))
    guard code == 0 else {
      forget(extent)
      throw .transient(
        "\(folder): cannot write \(bytes.count) bytes to a temporary file: \(String(cString: strerror(code)))"
      )
    }
    return extent
  }

  /// A part of the bytes. The checksum covers all of them and is not checked.
  /// - Returns: nil if they cannot be read.
  package func read(_ extent: Extent, from start: Int = 0, count: Int? = nil) -> [UInt8]? {
    let wanted = min(count ?? .max, extent.count - start)
    var done = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { target, initialized in
      while done < wanted {
        let position = extent.offset + start + done
        let count = pread(descriptor, target.baseAddress?.advanced(by: done), wanted - done, position)
        if count > 0 { done += count } else if count == 0 || errno != EINTR { break }
      }
      initialized = done
    }
    return done == wanted ? bytes : nil
  }

  /// All bytes; nil if the checksum does not match.
  package func readChecked(_ extent: Extent) -> [UInt8]? {
    guard let bytes = read(extent), XXH3.hash(bytes) == extent.checksum else { return nil }
    return bytes
  }

  /// Frees the disk space, if the file system supports it.
  package func forget(_ extent: Extent) {
    guard extent.count > 0 else { return }
    swiftlet_punch_hole(descriptor, off_t(extent.offset), off_t(extent.count))
  }
}
