import Formats
import Foundation
import Storage
import Testing

/// A folder that is gone when the test ends.
final class TemporaryFolder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/storage-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// - Returns: The path of the new file.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// Everything below the folder, hidden names too.
  func names() -> [String] {
    (FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []).sorted()
  }
}

func bytes(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// The error that `body` throws, by kind and text.
func failure(_ body: () throws -> some Any) -> StorageError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? StorageError
  }
}

extension StorageError {
  var kind: String {
    switch self {
    case .transient: "transient"
    case .notFound: "notFound"
    case .corrupt: "corrupt"
    case .invalid: "invalid"
    }
  }
}

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Bytes in memory as a store of one object, which counts what is read.
final class MemoryReader: ObjectReader {
  let info: ObjectInfo
  let bytes: [UInt8]

  init(_ info: ObjectInfo, _ bytes: [UInt8]) {
    self.info = info
    self.bytes = bytes
  }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard offset < bytes.count else { return 0 }
    let part = bytes[Int(offset)..<min(bytes.count, Int(offset) + buffer.count)]
    buffer.copyBytes(from: part)
    return part.count
  }
}

struct MemoryStore: ObjectStore {
  let object: ObjectInfo
  let bytes: [UInt8]

  init(_ bytes: [UInt8], uri: String = "/memory/events.jsonl") {
    self.bytes = bytes
    object = ObjectInfo(uri: uri, size: Int64(bytes.count), version: "1")
  }

  func list(_ uri: String) throws -> [ObjectInfo] { [object] }
  func open(_ object: ObjectInfo) throws -> any ObjectReader { MemoryReader(object, bytes) }
  func info(_ uri: String) throws -> ObjectInfo { object }
}

/// Bytes into memory.
final class MemorySink: ByteSink {
  var bytes: [UInt8] = []
  var closed = false
  var aborted = false

  func write(_ bytes: UnsafeRawBufferPointer) throws { self.bytes.append(contentsOf: bytes) }
  func close() throws { closed = true }
  func abort() { aborted = true }
}

func compressed(_ bytes: [UInt8], _ codec: Codec, level: Int? = nil) throws -> [UInt8] {
  let sink = MemorySink()
  let compressing = try CompressingSink(sink, codec: codec, level: level)
  try bytes.withUnsafeBytes { try compressing.write($0) }
  try compressing.close()
  return sink.bytes
}

/// Reads a source to its end in pieces of `piece` bytes.
func drain(_ source: any ByteSource, piece: Int = 1 << 16) throws -> [UInt8] {
  var result: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: piece)
  while true {
    let count = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
    if count == 0 { return result }
    result += buffer[..<count]
  }
}
