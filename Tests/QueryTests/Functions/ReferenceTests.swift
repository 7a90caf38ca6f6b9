import Foundation
import Query
import Testing

@Suite struct ReferenceTests {
  static let examples = Functions.all.compactMap(\.example)

  @Test(arguments: examples) func example(_ example: String) throws {
    #expect(try ExampleParser.text(example) == "true", "\(example)")
  }

  @Test func everyFunctionHasAnExample() {
    let without = Functions.all.filter { function in
      function.example == nil && function.name.first?.isLetter ?? false
        && !function.help.hasPrefix("The same as")
    }
    #expect(without.map(\.name) == ["similar to"])
  }

  /// With SWIFTLET_WRITE_REFERENCE set, writes the file instead.
  @Test func documentIsUpToDate() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../docs/sql-functions.md").standardizedFileURL
    if ProcessInfo.processInfo.environment["SWIFTLET_WRITE_REFERENCE"] != nil {
      try FunctionReference.markdown.write(to: file, atomically: true, encoding: .utf8)
    }
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(
      text == FunctionReference.markdown, "see CONTRIBUTING.md for how to write docs/sql-functions.md anew")
  }
}
