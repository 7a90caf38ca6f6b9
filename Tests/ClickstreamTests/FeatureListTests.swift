import Clickstream
import Foundation
import Testing

@Suite struct FeatureListTests {
  /// The column table of the documentation is the one of the program.
  @Test func documentation() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "docs/data-formats.md"), encoding: .utf8)
    #expect(text.contains(Feature.dictionary), "docs/data-formats.md must contain\n\(Feature.dictionary)")
  }

  @Test func names() {
    let names = Feature.all.map(\.name)
    #expect(names.first == "user_id" && Set(names).count == names.count)
    #expect(FeatureTable.fields.map(\.name) == names)
  }
}
