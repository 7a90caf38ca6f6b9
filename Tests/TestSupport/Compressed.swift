import Formats

package func compressed(_ bytes: [UInt8], _ codec: Codec, level: Int? = nil) throws -> [UInt8] {
  let sink = MemorySink()
  let compressing = try CompressingSink(sink, codec: codec, level: level)
  try bytes.withUnsafeBytes { try compressing.write($0) }
  try compressing.close()
  return sink.bytes
}

/// Reads a source to its end in pieces of `piece` bytes.
package func drain(_ source: any ByteSource, piece: Int = 1 << 16) throws -> [UInt8] {
  var result: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: piece)
  while true {
    let count = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
    if count == 0 { return result }
    result += buffer[..<count]
  }
}
