import Foundation
import FuzzTargets
import Testing

/// The inputs that fuzzing found worth keeping, bugs of the past among them, in every run of the tests.
@Suite struct CorpusTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../Fuzz/Corpus").standardizedFileURL

  private func corpus(_ target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
    let folder = CorpusTests.folder.appendingPathComponent(target.name)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
      ($0, Array(try Data(contentsOf: folder.appendingPathComponent($0))))
    }
  }

  @Test(arguments: FuzzTarget.all.map(\.name)) func holds(name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let corpus = try corpus(target)
    #expect(corpus.count >= 4, "the corpus of \(name) is not there")
    for (file, bytes) in corpus {
      #expect(throws: Never.self, "Corpus/\(name)/\(file)") { try target.check(bytes) }
    }
  }

  /// Seeds, what is left of each when it is cut anywhere, and each with a byte changed.
  @Test(arguments: FuzzTarget.all.map(\.name)) func seedsHold(name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let seeds = try target.seeds()
    #expect(!seeds.isEmpty)
    for (index, seed) in seeds.enumerated() {
      for step in 0..<60 {
        let place = seed.count * step / 60
        var changed = seed
        if place < changed.count { changed[place] ^= UInt8(1 << (step % 8)) }
        for input in step == 0 ? [seed, changed] : [Array(seed[..<place]), changed] {
          #expect(throws: Never.self, "seed \(index) of \(name), step \(step)") { try target.check(input) }
        }
      }
    }
  }

  /// A folder that belongs to no target would never be looked at.
  @Test func everyFolderHasATarget() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: CorpusTests.folder.path)
    #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
  }
}
