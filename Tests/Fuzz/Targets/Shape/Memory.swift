import Storage

/// An object in memory, and its store.
final class MemoryObject: ObjectReader {
  let info: ObjectInfo
  private let bytes: [UInt8]

  init(_ bytes: [UInt8], uri: String = "memory") {
    self.bytes = bytes
    info = ObjectInfo(uri: uri, size: Int64(bytes.count), version: "1")
  }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try require(offset >= 0, "a read at \(offset)")
    guard offset < bytes.count else { return 0 }
    let part = bytes[Int(offset)..<min(bytes.count, Int(offset) + buffer.count)]
    buffer.copyBytes(from: part)
    return part.count
  }
}

struct MemoryStore: ObjectStore {
  let bytes: [UInt8]
  let object: ObjectInfo

  init(_ bytes: [UInt8], uri: String) {
    self.bytes = bytes
    object = ObjectInfo(uri: uri, size: Int64(bytes.count), version: "1")
  }

  func list(_ uri: String) throws -> [ObjectInfo] { [object] }
  func open(_ object: ObjectInfo) throws -> any ObjectReader { MemoryObject(bytes, uri: object.uri) }
  func info(_ uri: String) throws -> ObjectInfo { object }
}

final class MemorySink: ByteSink {
  private(set) var bytes: [UInt8] = []

  func write(_ bytes: UnsafeRawBufferPointer) throws { self.bytes.append(contentsOf: bytes) }
  func close() throws {}
  func abort() { bytes = [] }
}
