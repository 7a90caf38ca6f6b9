import CommandLine
import Foundation
import Transport

/// Where a job runs.
package enum Master: Hashable, Sendable, CustomStringConvertible {
  /// Driver and workers inside this process.
  case local(workers: Int)
  /// A driver in this process with worker processes on loopback.
  case localCluster(workers: Int)
  /// A running driver.
  case remote(Endpoint)
  /// Apache Spark, named as `spark-submit --master` takes it.
  case spark(String)

  package static let forms =
    "local[N], local[*], local-cluster[N], swiftlet://host:port, spark-local[N] or spark://host:port"
  private static let workerLimit = 1024

  /// - Parameter cores: The value of `*`.
  package init(_ text: String, cores: Int = ProcessInfo.processInfo.activeProcessorCount) throws(UsageError) {
    let wrong = UsageError("--master: expected \(Master.forms), found '\(text)'")
    if text == "local" {
      self = .local(workers: 1)
    } else if text.hasPrefix("local["), text.hasSuffix("]") {
      self = .local(workers: try Master.workers(text, prefix: "local[", cores: cores))
    } else if text.hasPrefix("local-cluster["), text.hasSuffix("]") {
      self = .localCluster(workers: try Master.workers(text, prefix: "local-cluster[", cores: cores))
    } else if text.hasPrefix("swiftlet://") {
      guard let endpoint = try? Endpoint(String(text.dropFirst("swiftlet://".count))),
        case .tcp(_, let port) = endpoint, port != 0
      else { throw wrong }
      self = .remote(endpoint)
    } else if text.hasPrefix("spark-local["), text.hasSuffix("]") {
      self = .spark("local[\(try Master.workers(text, prefix: "spark-local[", cores: cores))]")
    } else if text.hasPrefix("spark://"), text.count > "spark://".count,
      text.utf8.allSatisfy({ $0 > UInt8(ascii: " ") && $0 < 0x7f })
    {
      // One or, for a standby, several addresses: spark://a:7077,b:7077.
      self = .spark(text)
    } else {
      throw wrong
    }
  }

  private static func workers(_ text: String, prefix: String, cores: Int) throws(UsageError) -> Int {
    let inner = text.dropFirst(prefix.count).dropLast()
    if inner == "*" { return max(1, cores) }
    guard let count = Int(inner), 1...workerLimit ~= count else {
      throw UsageError("--master: expected from 1 to \(workerLimit) workers or *, found '\(text)'")
    }
    return count
  }

  package var description: String {
    switch self {
    case .local(let workers): "local[\(workers)]"
    case .localCluster(let workers): "local-cluster[\(workers)]"
    case .remote(let address): "swiftlet://\(address)"
    case .spark(let master): master.hasPrefix("local[") ? "spark-\(master)" : master
    }
  }
}
