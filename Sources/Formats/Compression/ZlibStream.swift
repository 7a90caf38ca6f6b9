import CZlib

/// A `z_stream` at a fixed address, as zlib requires, that points to the caller's buffers for one call.
final class ZlibStream {
  let stream: UnsafeMutablePointer<z_stream>

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
  }

  deinit { stream.deallocate() }

  /// Calls zlib once with the two buffers and advances both. zlib uses 32-bit counters; anything beyond that waits for the next
  /// call.
  func call(
    _ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer,
    _ body: (UnsafeMutablePointer<z_stream>) -> CInt
  ) -> CInt {
    let given = uInt(clamping: input.count)
    let room = uInt(clamping: output.count)
    // zlib rejects null pointers even if it would not access a byte, so the stream's own address stands in for empty buffers.
    let stand = UnsafeMutableRawPointer(stream)
    stream.pointee.next_in = (input.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) } ?? stand)
      .assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_in = given
    stream.pointee.next_out = (output.baseAddress ?? stand).assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_out = room
    let result = body(stream)
    input = UnsafeRawBufferPointer(rebasing: input[Int(given - stream.pointee.avail_in)...])
    output = UnsafeMutableRawBufferPointer(rebasing: output[Int(room - stream.pointee.avail_out)...])
    return result
  }

  var message: String? { stream.pointee.msg.map { String(cString: $0) } }
}
