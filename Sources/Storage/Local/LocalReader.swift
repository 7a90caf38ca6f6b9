/// Reads by position, so the offset of the file descriptor plays no part.
final class LocalReader: ObjectReader {
  let info: ObjectInfo
  private let file: LocalFile

  init(_ info: ObjectInfo, _ file: LocalFile) {
    self.info = info
    self.file = file
  }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard offset >= 0 else {
      throw StorageError.invalid(location: info.uri, message: "cannot read at offset \(offset)")
    }
    // A file that has grown since it was listed is read as it was listed.
    guard offset < info.size else { return 0 }
    let count = min(buffer.count, Int(info.size - offset))
    let done = try file.read(at: offset, into: .init(rebasing: buffer[..<count]))
    guard done == count else {
      throw StorageError.invalid(
        location: info.uri,
        message: "was truncated while it was read: ends at \(offset + Int64(done)) of \(info.size)")
    }
    return done
  }
}
