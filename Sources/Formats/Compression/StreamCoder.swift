import Storage

/// The state of one compressed stream that is read. Used by one thread.
protocol StreamDecoder: AnyObject {
  /// Whether the stream may end here: every frame (member) that began has ended.
  var isBetweenFrames: Bool { get }

  /// Takes bytes from the front of `input`, writes decoded ones to the front of `output`, and advances both. Makes progress
  /// unless `output` is full, or `input` is empty and more of it is needed.
  func decode(_ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer)
    throws(CodecFailure)
}

/// The state of one compressed stream that is written. Used by one thread.
protocol StreamEncoder: AnyObject {
  /// Like ``StreamDecoder/decode``; takes all of `input` unless `output` is full.
  /// - Parameter finish: No more input will come.
  /// - Returns: Whether everything is written; false if `output` was too short.
  func encode(
    _ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer, finish: Bool
  ) throws(CodecFailure) -> Bool
}

/// An error of a compression library; the caller adds the location.
enum CodecFailure: Error {
  /// The bytes break the format.
  case corrupt(String)
  /// The bytes ask for more memory than is allowed, or there is none.
  case memory(String)
  /// This codec cannot do what was asked.
  case unsupported(String)

  func at(_ place: String) -> StorageError {
    switch self {
    case .corrupt(let message): .corrupt(place: place, message: message)
    case .memory(let message), .unsupported(let message): .invalid(place: place, message: message)
    }
  }
}

extension Codec {
  /// nil for `none`.
  func makeDecoder() throws(CodecFailure) -> (any StreamDecoder)? {
    switch self {
    case .none: nil
    case .zstd: try ZstdDecoder()
    case .gzip: try GzipDecoder()
    case .bzip2: try Bzip2Decoder()
    case .xz: try XZDecoder()
    }
  }

  /// nil for `none`.
  /// - Parameter level: zstd 1...19, gzip 1...9. Defaults are 1 and 6: on lines of events, zstd's level 1 makes smaller files
  ///   than 3 in half the time.
  func makeEncoder(level: Int?) throws(CodecFailure) -> (any StreamEncoder)? {
    switch self {
    case .none: nil
    case .zstd: try ZstdEncoder(level: level ?? 1)
    case .gzip: try GzipEncoder(level: level ?? 6)
    case .bzip2, .xz: throw .unsupported("\(self) is read but not written; use zstd or gzip")
    }
  }
}
