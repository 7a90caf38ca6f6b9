import Cluster
import Foundation
import Workloads

/// `swift-events --score SEGMENTS --kinds FILE`: how well segments find the kinds of users again.
struct ScoreCommand {
  private let segments: String
  private let kinds: String

  init(_ segments: String, _ arguments: CommandArguments) throws(UsageError) {
    self.segments = segments
    guard let kinds = arguments.value("kinds") else { throw UsageError("--score needs --kinds FILE") }
    guard arguments.value("output") == nil else {
      throw UsageError("--score and --output exclude each other")
    }
    self.kinds = kinds
  }

  func run() -> Never {
    do {
      print(try SegmentScore(segments: segments, kinds: kinds).text, terminator: "")
      exit(ExitCode.done)
    } catch {
      StandardError.write("swift-events: \(error)\n")
      exit(ExitCode.failed)
    }
  }
}
