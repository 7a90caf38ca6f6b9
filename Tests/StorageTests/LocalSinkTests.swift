import Foundation
import Storage
import TestSupport
import Testing

@Suite struct LocalSinkTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func nothingIsVisibleBeforeClose() throws {
    let path = folder.path + "/deep/er/f"
    let sink = try LocalSink(path: path, bufferBytes: 16)
    var expected: [UInt8] = []
    for length in [0, 1, 15, 16, 17, 3, 100, 13] {
      let piece = (0..<length).map { UInt8(truncatingIfNeeded: $0 + expected.count) }
      try piece.withUnsafeBytes { try sink.write($0) }
      expected += piece
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try LocalStore().list(folder.path).isEmpty)
    try sink.close()
    #expect(try bytes(of: path) == expected)
    #expect(folder.names() == ["deep", "deep/er", "deep/er/f"])
    // Closed is closed: again is fine, more bytes are not, and abort takes nothing back.
    try sink.close()
    #expect(failure { try [1].withUnsafeBytes { try sink.write($0) } }?.kind == "invalid")
    sink.abort()
    #expect(try bytes(of: path) == expected)
  }

  @Test func abortAndDeinitLeaveNothing() throws {
    let path = try folder.write("f", [1, 2])
    let sink = try LocalSink(path: path)
    try [UInt8](repeating: 3, count: 1 << 20).withUnsafeBytes { try sink.write($0) }
    sink.abort()
    sink.abort()
    #expect(failure { try sink.close() }?.kind == "invalid")
    var forgotten: LocalSink? = try LocalSink(path: path)
    try [UInt8](repeating: 3, count: 10).withUnsafeBytes { try forgotten?.write($0) }
    #expect(folder.names().count == 2)
    forgotten = nil
    #expect(folder.names() == ["f"])
    #expect(try bytes(of: path) == [1, 2])
  }

  @Test func closeReplacesAFile() throws {
    let path = try folder.write("f", [1, 2])
    let sink = try ObjectStores.sink(for: "file:" + path)
    try [9].withUnsafeBytes { try sink.write(.init(rebasing: $0[..<1])) }
    try sink.close()
    #expect(try bytes(of: path) == [9])
  }

  @Test func placesThatCannotBeWritten() throws {
    try folder.write("file", [1])
    try folder.write("dir/f", [1])
    for (path, expected) in [
      (folder.path + "/dir", "is a folder"), (folder.path + "/file/x", "file"), ("/proc/none/x", "/proc"),
      (folder.path + "/" + String(repeating: "n", count: 300), "name too long"),
    ] {
      let error = failure {
        let sink = try LocalSink(path: path)
        try sink.close()
      }
      #expect(error?.description.contains(expected) == true, "\(path): \(String(describing: error))")
      #expect(error?.kind == "invalid" || error?.kind == "notFound")
    }
    #expect(folder.names() == ["dir", "dir/f", "file"])
  }
}
