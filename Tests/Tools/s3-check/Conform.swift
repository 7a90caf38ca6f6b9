import Foundation
import Storage
import Wire

/// Prints what a store does for the operations that every store must have, a line each; the same lines are expected of all stores.
func conform(_ uri: String, settings: Settings) throws {
  func print(_ text: String...) {
    FileHandle.standardOutput.write(Data((text.joined(separator: " ") + "\n").utf8))
  }
  let store = try ObjectStores.store(for: uri, settings: settings)
  let one = uri + "/one"
  func name(_ result: PutResult) -> String {
    switch result {
    case .done: "done"
    case .refused: "refused"
    case .unsupported: "unsupported"
    }
  }
  func text(_ uri: String) throws -> String {
    try store.contents(uri, limit: 100).map { String(decoding: $0.bytes, as: UTF8.self) } ?? "nothing"
  }
  func relative(_ objects: [ObjectInfo]) -> String {
    objects.map { ObjectName.relative($0.uri, to: uri) ?? $0.uri }.joined(separator: " ")
  }
  print("absent:", name(try store.put(one, Array("1".utf8), if: .absent)))
  if try text(one) == "nothing" { _ = try store.put(one, Array("1".utf8), if: .none) }
  print("absent again:", name(try store.put(one, Array("2".utf8), if: .absent)))
  let version = try store.contents(one, limit: 100)?.version ?? ""
  print("unchanged:", name(try store.put(one, Array("33".utf8), if: .unchanged(version: version))))
  _ = try store.put(one, Array("33".utf8), if: .none)
  print("changed:", name(try store.put(one, Array("4".utf8), if: .unchanged(version: version))))
  print("content:", try text(one))
  for name in ["caf\u{e9}", "cafe\u{301}", "d/_hidden", "_side", "d/b.bz2"] {
    _ = try store.put("\(uri)/\(name)", Array(name.utf8), if: .none)
  }
  print("scan:", relative(try store.scan(prefix: uri + "/")))
  print("list:", relative(try store.list(uri)))
  try store.copy(try store.info(one), to: uri + "/two")
  print("copy:", try text(uri + "/two"))
  try store.delete(try store.scan(prefix: uri + "/").map(\.uri) + [uri + "/never"])
  print("left:", "\(try store.scan(prefix: uri + "/").count)")
}
