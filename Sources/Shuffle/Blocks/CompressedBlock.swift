import Basics
import Formats
import Wire

/// The frame of compressed shuffle blocks: the length of the contents as a varint, then the contents as one zstd frame. An empty
/// block has no bytes.
package enum CompressedBlock {
  /// The most bytes that a block may hold.
  package static let limit = 1 << 30

  package static func make(_ contents: [UInt8], _ zstd: Zstd = Zstd()) throws(TaskFailure) -> [UInt8] {
    if contents.isEmpty { return [] }
    var block = ByteWriter(reserving: contents.count / 2)
    block.count(contents.count)
    do {
      try zstd.compress(contents).withUnsafeBytes { block.raw($0) }
    } catch {
      throw .transient("compressing a shuffle block: \(error)")
    }
    return block.bytes
  }

  package static func contents(_ block: [UInt8]) throws(TaskFailure) -> [UInt8] {
    if block.isEmpty { return [] }
    do {
      var reader = ByteReader(block)
      let length = try reader.count()
      let compressed = reader.remaining
      guard length <= min(limit, Zstd.maxDecompressedSize(of: compressed)) else {
        throw WireError.invalid("\(length) bytes in a frame of \(compressed)")
      }
      let contents = try reader.withRaw(compressed) { source in
        Result {
          try [UInt8](unsafeUninitializedCapacity: length) { target, count in
            let room = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: target[..<length]))
            count = try Zstd().decompress(source, into: room)
          }
        }
      }.get()
      guard contents.count == length else { throw WireError.invalid("\(contents.count) of \(length) bytes") }
      return contents
    } catch {
      throw .transient("corrupt shuffle block: \(error)")
    }
  }
}
