import Foundation
import Storage
import TestSupport
import Testing

/// What every store must do; `Tests/Integration/s3` runs the same against S3 servers with `s3-check conform`.
@Suite struct ObjectStoreTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func stores() -> [(store: any ObjectStore, root: String)] {
    [(LocalStore(), folder.path + "/root"), (MemoryBucket(), "s3://bucket/root")]
  }

  private static func read(_ store: any ObjectStore, _ uri: String) throws -> String? {
    try store.contents(uri, limit: 100).map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  @Test func conditionalWrites() throws {
    for (store, root) in stores() {
      let uri = root + "/state"
      guard case .done(let first) = try store.put(uri, Array("1".utf8), if: .absent) else {
        Issue.record("the object was there")
        continue
      }
      #expect(try store.put(uri, Array("2".utf8), if: .absent) == .refused)
      #expect(try store.contents(uri, limit: 100)?.version == first)
      guard case .done(let second) = try store.put(uri, Array("22".utf8), if: .unchanged(version: first))
      else {
        Issue.record("the object had not changed")
        continue
      }
      #expect(second != first)
      #expect(try store.put(uri, Array("3".utf8), if: .unchanged(version: first)) == .refused)
      #expect(try Self.read(store, uri) == "22")
      try store.delete([uri, uri, root + "/never"])
      #expect(try store.put(uri, [], if: .unchanged(version: second)) == .refused)
      #expect(try Self.read(store, uri) == nil)
      #expect(failure { try store.info(uri) }?.kind == "notFound")
    }
  }

  @Test func ofRacingWritersOneWins() throws {
    for (store, root) in stores() {
      let won = DispatchQueue.concurrentPerformResults(16) { number in
        try? store.put(root + "/lease", Array("\(number)".utf8), if: .absent)
      }
      #expect(won.filter { if case .done? = $0 { true } else { false } }.count == 1)
      #expect(won.filter { $0 == .refused }.count == 15)
    }
    #expect(folder.names() == ["root", "root/lease"])
  }

  @Test func listsAndScans() throws {
    let names = [
      "a.jsonl", "_x", "d/.y", "d/b", "d/_z/c", "d.2", "caf\u{e9}", "cafe\u{301}", "noending", "x.bz2",
    ]
    for (store, root) in stores() {
      for name in names { _ = try store.put("\(root)/\(name)", [1], if: .none) }
      func relative(_ objects: [ObjectInfo]) -> [ObjectName] {
        objects.compactMap { ObjectName.relative($0.uri, to: root) }.map(ObjectName.init)
      }
      let all = names.map(ObjectName.init).sorted()
      #expect(relative(try store.scan(prefix: root + "/")) == all)
      #expect(relative(try store.scan(prefix: root + "/d")) == all.filter { $0.description.hasPrefix("d") })
      #expect(try store.scan(prefix: root + "/none/").isEmpty)
      let visible = all.filter { !ObjectName.isHidden($0.description) }
      #expect(visible.count == 7)
      #expect(relative(try store.list(root)) == visible)
      #expect(relative(try InputFolder.list(root, in: store)) == visible)
      #expect(try store.list(root + "/_x").count == 1)
    }
  }

  @Test func sinksAndCopies() throws {
    for (store, root) in stores() {
      let sink = try store.sink(root + "/deep/er/a", durable: true)
      try Array("hello".utf8).withUnsafeBytes { try sink.write($0) }
      #expect(try Self.read(store, root + "/deep/er/a") == nil)
      try sink.close()
      try store.copy(try store.info(root + "/deep/er/a"), to: root + "/b")
      #expect(try Self.read(store, root + "/b") == "hello")
      #expect(failure { try store.contents(root + "/b", limit: 3) }?.kind == "invalid")
    }
  }

  /// A store that implements only reading says what it cannot do.
  @Test func aReadOnlyStoreRefusesToWrite() throws {
    let store = MemoryStore([1, 2, 3])
    #expect(store.capabilities.isEmpty)
    #expect(failure { try store.put("/x", [], if: .none) }?.kind == "invalid")
    #expect(failure { try store.sink("/x", durable: true) }?.kind == "invalid")
    #expect(failure { try OutputCommitter(output: "/x", run: "r", in: store) }?.kind == "invalid")
  }

  @Test func namesAreBytes() {
    let names = ["caf\u{e9}", "cafe\u{301}"].map(ObjectName.init)
    #expect(names[0] != names[1] && Set(names).count == 2 && names[1] < names[0])
    #expect(
      ObjectInfo(uri: "/caf\u{e9}", size: 1, version: "")
        != ObjectInfo(uri: "/cafe\u{301}", size: 1, version: ""))
    // A combining mark grows together with the character before it, a byte does not.
    #expect(ObjectName.isHidden("a/_\u{301}b") && ObjectName.isHidden("a/\u{301}/.b"))
    #expect(!ObjectName.isHidden("\u{301}a/b_"))
    #expect(ObjectName.parts("a/\u{301}b//c").map { String($0) } == ["a", "\u{301}b", "c"])
    #expect(ObjectName.relative("/a/\u{301}b", to: "/a") == "\u{301}b")
    #expect(ObjectName.relative("/cafe\u{301}/x", to: "/caf\u{e9}") == nil)
  }
}

extension DispatchQueue {
  /// The results of `body` for 0..<count, computed on several threads.
  fileprivate static func concurrentPerformResults<Result: Sendable>(
    _ count: Int, _ body: @Sendable (Int) -> Result
  ) -> [Result] {
    let results = Collected<Result>()
    concurrentPerform(iterations: count) { number in results.append(body(number)) }
    return results.all
  }
}

private final class Collected<Element: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var elements: [Element] = []
  func append(_ element: Element) { lock.withLock { elements.append(element) } }
  var all: [Element] { lock.withLock { elements } }
}
