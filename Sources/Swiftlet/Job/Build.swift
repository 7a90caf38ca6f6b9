import Basics
import Glibc
import Wire

/// The identity of this program. Stages refer to code by number, so driver and workers must run the same build. Output of
/// another build is not up to date.
enum Build {
  /// Compared between driver and workers, and shown if they differ, for example `word-count build 3f2a91c07b5d`.
  static func name(_ program: String) -> String { "\(program) build \(String(identity, radix: 16))" }

  /// XXH3 of the executable file; 0 if it cannot be read.
  static let identity: UInt64 = {
    let file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_size > 0,
      let memory = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, file, 0), memory != MAP_FAILED
    else { return 0 }
    defer { munmap(memory, Int(status.st_size)) }
    return XXH3.hash(UnsafeRawBufferPointer(start: memory, count: Int(status.st_size)))
  }()
}
