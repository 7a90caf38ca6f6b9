import Foundation
import Storage

/// A file held in memory: enough for checks.
final class LoadedFile: ObjectReader {
  let info: ObjectInfo
  private let bytes: [UInt8]

  init(_ path: String) throws {
    bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    info = ObjectInfo(uri: path, size: Int64(bytes.count), version: "")
  }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let start = min(max(Int(offset), 0), bytes.count)
    let count = min(buffer.count, bytes.count - start)
    bytes.withUnsafeBytes { buffer.copyMemory(from: .init(rebasing: $0[start..<start + count])) }
    return count
  }
}

/// Collects bytes and stores them in a file at the end.
final class StoredFile: ByteSink {
  private let path: String
  private var data = Data()

  init(_ path: String) { self.path = path }

  func write(_ bytes: UnsafeRawBufferPointer) throws { data.append(contentsOf: bytes) }
  func close() throws { try data.write(to: URL(fileURLWithPath: path)) }
  func abort() { data = Data() }
}
