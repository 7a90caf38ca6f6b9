import CommandLine
import EventGenerator
import Foundation
import Wire

/// `swift-events --score SEGMENTS --kinds FILE`: compares segments with the kinds of users.
struct ScoreCommand {
  private let segments: String
  private let kinds: String
  private let settings: Settings

  init(_ segments: String, _ arguments: CommandArguments) throws(UsageError) {
    self.segments = segments
    guard let kinds = arguments.value("kinds") else { throw UsageError("--score needs --kinds FILE") }
    guard arguments.value("output") == nil else {
      throw UsageError("--score and --output exclude each other")
    }
    self.kinds = kinds
    settings = try StreamOptions.storeSettings(arguments)
  }

  func run() throws -> Never {
    print(try SegmentScore(segments: segments, kinds: kinds, settings: settings).text, terminator: "")
    exit(ExitCode.done)
  }
}
