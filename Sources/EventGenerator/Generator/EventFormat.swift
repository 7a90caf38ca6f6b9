import Formats

/// Names and compression of event files.
package enum EventFormat: String, CaseIterable, Sendable {
  case plain = "jsonl"
  case zstd = "jsonl.zst"
  case gzip = "jsonl.gz"

  var codec: Codec {
    switch self {
    case .plain: .none
    case .zstd: .zstd
    case .gzip: .gzip
    }
  }
}
