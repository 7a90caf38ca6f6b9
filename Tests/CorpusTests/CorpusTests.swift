import Foundation
import FuzzTargets
import Testing

/// Every fuzz target over `Tests/Fuzz/Corpus` and over its own seeds. `bug-…` files broke a target once and say how; `seed-…` files are
/// inputs of fuzzing that reach deep.
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
    #expect(!corpus.isEmpty, "no corpus for \(name)")
    for (file, bytes) in corpus {
      #expect(throws: Never.self, "Corpus/\(name)/\(file)") { try target.check(bytes) }
    }
  }

  /// Seeds, whole, cut short anywhere, and with one bit flipped.
  @Test(arguments: FuzzTarget.all.map(\.name)) func seedsHold(name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let seeds = try target.seeds()
    #expect(!seeds.isEmpty)
    for (index, seed) in seeds.enumerated() {
      for step in 0..<60 {
        let offset = seed.count * step / 60
        var changed = seed
        if offset < changed.count { changed[offset] ^= UInt8(1 << (step % 8)) }
        for input in step == 0 ? [seed, changed] : [Array(seed[..<offset]), changed] {
          #expect(throws: Never.self, "seed \(index) of \(name), step \(step)") { try target.check(input) }
        }
      }
    }
  }

  /// A folder without a target would never be read.
  @Test func everyFolderHasATarget() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: CorpusTests.folder.path)
    #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
  }
}
