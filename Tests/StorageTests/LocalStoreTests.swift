import Foundation
import Storage
import TestSupport
import Testing

@Suite struct LocalStoreTests {
  private let folder: TemporaryFolder
  private let store = LocalStore()

  init() throws { folder = try TemporaryFolder() }

  private func listed(_ name: String = "") throws -> [String] {
    try store.list(folder.path + name).map { String($0.uri.dropFirst(folder.path.count + 1)) }
  }

  @Test func theOrderIsThatOfBytesAndHiddenNamesAreLeftOut() throws {
    for name in [
      "b.jsonl", "a/x.jsonl", "a-b.jsonl", "B.jsonl", "ü.jsonl", "a/_rejected/x", "_SUCCESS", ".hidden",
      "a/.tmp/x",
      "a.jsonl", "z/deep/er/f",
    ] { try folder.write(name, [1]) }
    let names = try listed()
    #expect(names == ["B.jsonl", "a-b.jsonl", "a.jsonl", "a/x.jsonl", "b.jsonl", "z/deep/er/f", "ü.jsonl"])
    #expect(try listed("/") == names)
    #expect(try store.list("file:" + folder.path + "/./a").map(\.uri) == [folder.path + "/a/x.jsonl"])
  }

  @Test func onlyNamesBelowThePrefixHide() throws {
    try folder.write("_work/.x/a", [1, 2])
    #expect(try listed("/_work/.x") == ["_work/.x/a"])
    let one = try store.list(folder.path + "/_work/.x/a")
    #expect(one == [try store.info(folder.path + "/_work/.x/a")])
    #expect(one.first?.size == 2)
  }

  @Test func missingAndEmptyFolders() throws {
    let error = try #require(failure { try listed("/missing") })
    #expect(error.kind == "notFound")
    #expect(error.description.contains(folder.path + "/missing"))
    #expect(try listed().isEmpty)
    #expect(failure { try store.info(folder.path) }?.kind == "invalid")
    #expect(failure { try store.info(folder.path + "/missing") }?.kind == "notFound")
  }

  @Test func linksAreFollowedAndCyclesEnd() throws {
    let files = FileManager.default
    try folder.write("data/sub/a", [1])
    try folder.write("elsewhere/b", [1, 2, 3])
    for (link, target) in [
      ("data/file", "../elsewhere/b"), ("data/dir", "../elsewhere"), ("data/sub/up", ".."),
      ("data/self", "."),
    ] { try files.createSymbolicLink(atPath: folder.path + "/" + link, withDestinationPath: target) }
    #expect(try listed("/data") == ["data/dir/b", "data/file", "data/sub/a"])
    #expect(try store.list(folder.path + "/data").map(\.size) == [3, 3, 1])
    try files.createSymbolicLink(atPath: folder.path + "/data/gone", withDestinationPath: "nothing")
    let error = try #require(failure { try listed("/data") })
    #expect(error.kind == "notFound" && error.description.contains("data/gone"))
  }

  @Test func pipesAreNoObjects() throws {
    try folder.write("a", [1])
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    #expect(try listed() == ["a"])
    #expect(failure { try store.list(folder.path + "/pipe") }?.kind == "invalid")
    // Opening must neither wait for a writer nor read from one.
    let pipe = ObjectInfo(uri: folder.path + "/pipe", size: 0, version: "")
    #expect(failure { try store.open(pipe) }?.kind == "invalid")
  }

  @Test func aTreeThatIsTooDeepIsRefused() throws {
    try folder.write(String(repeating: "d/", count: 140) + "f", [1])
    #expect(failure { try listed() }?.kind == "invalid")
  }

  @Test func readsByPosition() throws {
    let content = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
    let object = try store.info(try folder.write("f", content))
    let reader = try store.open(object)
    for (offset, length) in [
      (0, 1000), (0, 0), (999, 1), (999, 50), (1000, 10), (5000, 10), (17, 400), (0, 2000),
    ] {
      var buffer = [UInt8](repeating: 0, count: length)
      let count = try buffer.withUnsafeMutableBytes { try reader.read(at: Int64(offset), into: $0) }
      let expected = offset < 1000 ? content[offset..<min(1000, offset + length)] : []
      #expect(Array(buffer[..<count]) == Array(expected))
    }
    var one: [UInt8] = [0]
    #expect(
      failure { try one.withUnsafeMutableBytes { try reader.read(at: -1, into: $0) } }?.kind == "invalid")
  }

  @Test func anObjectThatChangedIsNotRead() throws {
    let path = try folder.write("f", [1, 2, 3])
    let object = try store.info(path)
    // Same bytes in another file under the name.
    try folder.write("g", [1, 2, 3])
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(atPath: folder.path + "/g", toPath: path)
    let error = try #require(failure { try store.open(object) })
    #expect(error.kind == "invalid" && error.description.contains("changed"))
    try FileManager.default.removeItem(atPath: path)
    #expect(failure { try store.open(object) }?.kind == "notFound")
  }

  @Test func aFileThatShrinksWhileItIsReadIsAnError() throws {
    let path = try folder.write("f", [UInt8](repeating: 7, count: 100))
    let reader = try store.open(try store.info(path))
    #expect(truncate(path, 40) == 0)
    var buffer = [UInt8](repeating: 0, count: 50)
    let error = failure { try buffer.withUnsafeMutableBytes { try reader.read(at: 30, into: $0) } }
    #expect(error?.description.contains("ends at 40 of 100") == true)
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything")) func noPermission() throws {
    let path = try folder.write("secret/f", [1])
    #expect(chmod(path, 0) == 0)
    let error = try #require(failure { try store.open(try store.info(path)) })
    #expect(error.kind == "invalid" && error.description.contains("Permission denied"))
    #expect(chmod(folder.path + "/secret", 0) == 0)
    #expect(failure { try listed() }?.kind == "invalid")
    #expect(chmod(folder.path + "/secret", 0o700) == 0)
  }
}
