import Glibc

/// - Returns: The length of the first line without `\n` or `\r\n`, 0 where it is blank, and where the next one begins.
func lineEnd(_ bytes: UnsafeRawBufferPointer) -> (length: Int, next: Int) {
  guard let base = bytes.baseAddress else { return (0, 0) }
  let newline = memchr(base, 0x0a, bytes.count).map { UnsafeRawPointer($0) - base }
  var length = newline ?? bytes.count
  if length > 0, bytes[length - 1] == 0x0d { length -= 1 }
  let isBlank = bytes[..<length].first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d } == nil
  return (isBlank ? 0 : length, newline.map { $0 + 1 } ?? bytes.count)
}
