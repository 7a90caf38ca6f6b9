import CommandLine
import Storage
import Submit
import Transport

extension FuzzTarget {
  /// Endpoints, URIs and masters. The canonical form has the same meaning.
  static let addresses = FuzzTarget("addresses", longest: 256) {
    [
      "127.0.0.1:7077", "[::1]:0", "memory:driver", "host.example:65535", "/a/../b//c/.", "file:///abs",
      "file:rel",
      "s3://bucket/key/x", "kafka://broker:9092/topic", "local[*]", "local-cluster[3]", "swiftlet://h:1",
      "./a:b",
    ].map { Array($0.utf8) }
  } check: { input in
    guard let text = String(validating: input, as: UTF8.self) else { return }
    if let endpoint = try unless(TransportError.self, { try Endpoint(text) }) {
      try require(try Endpoint(endpoint.description) == endpoint, "endpoint \(endpoint)")
    }
    if let uri = try unless(StorageError.self, { try ObjectURI(text) })?.resolved(against: "/base") {
      try require(try ObjectURI(uri.description).resolved(against: "/other") == uri, "URI \(uri)")
      if uri.bucket.isEmpty {
        try require(uri.path.hasPrefix("/") && !(uri.path + "/").contains("/../"), "path \(uri.path)")
      }
    }
    if let master = try unless(UsageError.self, { try Master(text, cores: 2) }) {
      try require(try Master(master.description) == master, "master \(master)")
    }
  }
}
