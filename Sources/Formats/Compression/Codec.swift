/// How a whole object is compressed. ``ContentKind`` tells it from the first bytes.
package enum Codec: String, Hashable, Sendable, CaseIterable {
  case none, zstd, gzip
  /// Read, not written.
  case bzip2, xz

  /// What the name promises. Good for estimates; the bytes decide.
  package init(uri: String) {
    let name = uri.lowercased()
    self = Codec.suffixes.first { name.hasSuffix($0.suffix) }?.codec ?? .none
  }

  private static let suffixes: [(suffix: String, codec: Codec)] = [
    (".zst", .zstd), (".zstd", .zstd), (".gz", .gzip), (".gzip", .gzip), (".bz2", .bzip2), (".xz", .xz),
  ]

  /// The usual suffix of names, with its dot; empty for `none`.
  package var suffix: String { Codec.suffixes.first { $0.codec == self }?.suffix ?? "" }

  /// How much longer text usually is before compression.
  package var expectedRatio: Int64 { self == .none ? 1 : 8 }
}
