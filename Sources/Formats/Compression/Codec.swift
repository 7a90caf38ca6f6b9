/// How a whole object is compressed. ``ContentKind`` detects it from the first bytes.
package enum Codec: String, Hashable, Sendable, CaseIterable {
  case none, zstd, gzip
  /// Can be read, but not written.
  case bzip2, xz

  /// The codec suggested by the name. Good for estimates only; the bytes decide.
  package init(uri: String) {
    let name = uri.lowercased()
    self = Codec.suffixes.first { name.hasSuffix($0.suffix) }?.codec ?? .none
  }

  static let suffixes: [(suffix: String, codec: Codec)] = [
    (".zst", .zstd), (".zstd", .zstd), (".gz", .gzip), (".gzip", .gzip), (".bz2", .bzip2), (".xz", .xz),
  ]

  /// The usual file name suffix, including the dot; empty for `none`.
  package var suffix: String { Codec.suffixes.first { $0.codec == self }?.suffix ?? "" }

  /// The typical ratio of uncompressed to compressed size for text.
  package var expectedRatio: Int64 { self == .none ? 1 : 8 }
}
