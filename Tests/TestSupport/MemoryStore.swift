import Storage

/// Bytes in memory as a store of one object, for tests of readers.
package final class MemoryReader: ObjectReader {
  package let info: ObjectInfo
  package let bytes: [UInt8]

  package init(_ info: ObjectInfo, _ bytes: [UInt8]) {
    self.info = info
    self.bytes = bytes
  }

  package convenience init(_ bytes: [UInt8], uri: String = "memory") {
    self.init(ObjectInfo(uri: uri, size: Int64(bytes.count), version: "1"), bytes)
  }

  package func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard offset < bytes.count else { return 0 }
    let part = bytes[Int(offset)..<min(bytes.count, Int(offset) + buffer.count)]
    buffer.copyBytes(from: part)
    return part.count
  }
}

package struct MemoryStore: ObjectStore {
  package let object: ObjectInfo
  package let bytes: [UInt8]

  package init(_ bytes: [UInt8], uri: String = "/memory/events.jsonl") {
    self.bytes = bytes
    object = ObjectInfo(uri: uri, size: Int64(bytes.count), version: "1")
  }

  package func list(_ uri: String) throws -> [ObjectInfo] { [object] }
  package func open(_ object: ObjectInfo) throws -> any ObjectReader { MemoryReader(object, bytes) }
  package func info(_ uri: String) throws -> ObjectInfo { object }
}

/// Keeps what is written.
package final class MemorySink: ByteSink {
  package init() {}

  package var bytes: [UInt8] = []
  package var closed = false
  package var aborted = false

  package func write(_ bytes: UnsafeRawBufferPointer) throws { self.bytes.append(contentsOf: bytes) }
  package func close() throws { closed = true }
  package func abort() { aborted = true }
}
