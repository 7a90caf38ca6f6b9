import Storage

/// How a whole object is compressed; its name tells.
package enum Codec: String, Hashable, Sendable, CaseIterable {
  case none, zstd, gzip

  /// By the suffix of the name: `.zst`, `.gz`, anything else is not compressed.
  package init(uri: String) {
    let name = uri.lowercased()
    self = name.hasSuffix(".zst") ? .zstd : name.hasSuffix(".gz") ? .gzip : .none
  }

  /// With its dot; empty for none.
  package var suffix: String {
    switch self {
    case .none: ""
    case .zstd: ".zst"
    case .gzip: ".gz"
    }
  }
}

/// The state of one compressed stream being read. Used by one thread.
protocol StreamDecoder: AnyObject {
  /// Whether the stream may end here: every frame (member) that began has ended.
  var isBetweenFrames: Bool { get }

  /// Takes bytes from the front of `input` and puts decoded ones at the front of `output`, moving both on. Makes progress
  /// unless `output` is full, or `input` is empty and more of it is needed.
  func decode(_ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer)
    throws(CodecFailure)
}

/// The state of one compressed stream being written. Used by one thread.
protocol StreamEncoder: AnyObject {
  /// As ``StreamDecoder/decode``; takes all of `input` unless `output` is full.
  /// - Parameter finish: No more input will come.
  /// - Returns: Whether all is done that was asked; false where `output` was too short.
  func encode(
    _ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer, finish: Bool
  ) throws(CodecFailure) -> Bool
}

/// What a compression library has to say; the caller adds the place.
enum CodecFailure: Error {
  /// The bytes are not what they should be.
  case corrupt(String)
  /// The bytes ask for more memory than is allowed, or there is none.
  case memory(String)

  func at(_ place: String) -> StorageError {
    switch self {
    case .corrupt(let message): .corrupt(place: place, message: message)
    case .memory(let message): .invalid(place: place, message: message)
    }
  }
}
