import Storage

/// The state of one compressed stream being read. Used by one thread.
protocol StreamDecoder: AnyObject {
  /// Whether the stream may end here: every frame (member) that was started is complete.
  var isBetweenFrames: Bool { get }

  /// Consumes bytes from the front of `input`, writes decoded bytes to the front of `output`, and advances both. Makes progress
  /// unless `output` is full, or `input` is empty and more of it is needed.
  func decode(_ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer)
    throws(CodecFailure)
}

/// The state of one compressed stream being written. Used by one thread.
protocol StreamEncoder: AnyObject {
  /// Like ``StreamDecoder/decode``; consumes all of `input` unless `output` is full.
  /// - Parameter finish: Whether this is the last of the input.
  /// - Returns: Whether everything has been written; false if `output` was too small.
  func encode(
    _ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer, finish: Bool
  ) throws(CodecFailure) -> Bool
}

/// An error from a compression library; the caller adds the location.
enum CodecFailure: Error {
  /// The bytes violate the format.
  case corrupt(String)
  /// The stream needs more memory than is allowed or available.
  case memory(String)
  /// This codec does not support the requested operation.
  case unsupported(String)

  func at(_ location: String) -> StorageError {
    switch self {
    case .corrupt(let message): .corrupt(location: location, message: message)
    case .memory(let message), .unsupported(let message): .invalid(location: location, message: message)
    }
  }
}

extension Codec {
  /// Returns nil for `none`.
  func makeDecoder() throws(CodecFailure) -> (any StreamDecoder)? {
    switch self {
    case .none: nil
    case .zstd: try ZstdDecoder()
    case .gzip: try GzipDecoder()
    case .bzip2: try Bzip2Decoder()
    case .xz: try XZDecoder()
    }
  }

  /// Returns nil for `none`.
  /// - Parameter level: zstd 1...19, gzip 1...9. The defaults are 1 and 6: for lines of events, zstd level 1 produces smaller
  ///   files than level 3 in half the time.
  func makeEncoder(level: Int?) throws(CodecFailure) -> (any StreamEncoder)? {
    switch self {
    case .none: nil
    case .zstd: try ZstdEncoder(level: level ?? 1)
    case .gzip: try GzipEncoder(level: level ?? 6)
    case .bzip2, .xz: throw .unsupported("\(self) is read but not written; use zstd or gzip")
    }
  }
}
