import Basics
import Formats
import Storage
import Wire

/// Compares segments with the generator's kinds of users.
package struct SegmentScore: Sendable {
  /// Ordered by their first user.
  package let kinds: [String]
  /// One more than the largest segment number.
  package let segments: Int
  package let index: AdjustedRandIndex

  /// - Parameters:
  ///   - segments: URI of the output of a `segment` step.
  ///   - kinds: URI of the generator's `user_id,kind` file.
  ///   - settings: Settings of object stores.
  /// - Throws: `StorageError`, also for a user whose kind is unknown.
  package init(segments: String, kinds: String, settings: Settings = Settings()) throws {
    let (names, kindOfUser) = try SegmentScore.readKinds(kinds, settings)
    var pairs: [(kind: Int, segment: Int)] = []
    var largest = -1
    try SegmentScore.forEachUser(segments, settings) { user, segment, row in
      guard let kind = kindOfUser[user] else {
        throw StorageError.invalid(location: row, message: "user '\(user)' is not in \(kinds)")
      }
      guard 0...100_000 ~= segment else {
        throw StorageError.invalid(location: row, message: "segment \(segment) of user '\(user)'")
      }
      pairs.append((kind, segment))
      largest = max(largest, segment)
    }
    self.kinds = names
    self.segments = largest + 1
    var index = AdjustedRandIndex(firstLabels: names.count, secondLabels: largest + 1)
    for pair in pairs { index.add(pair.kind, pair.segment) }
    self.index = index
  }

  /// A table of kinds by segments, and the adjusted Rand index.
  package var text: String {
    let header = ["kind"] + (0..<segments).map { "segment \($0)" } + ["users"]
    let rows =
      [header]
      + kinds.indices.map { kind in
        [kinds[kind]] + index.table[kind].map { "\($0)" } + ["\(index.table[kind].reduce(0, +))"]
      }
    return PlainText.table(rows, rightAligned: 1...)
      + "adjusted Rand index \(Quantity.decimal(index.value, 3)) over \(index.count) users\n"
  }

  private static func readKinds(
    _ uri: String, _ settings: Settings
  ) throws -> (names: [String], kindOfUser: [String: Int]) {
    let bytes = try ObjectStores.contents(
      of: try ObjectURI(uri).resolved().description, settings: settings, limit: 4 << 30)
    var names: [String] = []
    var kindOfUser: [String: Int] = [:]
    for (number, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      let text = String(decoding: line, as: UTF8.self)
      guard let comma = text.lastIndex(of: ","), comma != text.startIndex else {
        throw StorageError.corrupt(location: "\(uri), line \(number + 1)", message: "expected user_id,kind")
      }
      if number == 0 { continue }
      let name = String(text[text.index(after: comma)...])
      let kind = names.firstIndex(of: name) ?? names.count
      if kind == names.count { names.append(name) }
      kindOfUser[String(text[..<comma])] = kind
    }
    return (names, kindOfUser)
  }

  private static func forEachUser(
    _ uri: String, _ settings: Settings,
    _ body: (_ user: String, _ segment: Int, _ row: String) throws -> Void
  ) throws {
    let store = try ObjectStores.store(for: uri, settings: settings)
    let objects = try store.list(try ObjectURI(uri).resolved().description)
    guard !objects.isEmpty else { throw StorageError.notFound(location: uri, message: "holds no files") }
    for object in objects {
      let file = try ParquetFile(try store.open(object))
      for group in file.rowGroups.indices {
        let batch = try file.read(rowGroup: group, columns: ["user_id", "segment"])
        guard case .bytes(let users) = batch.columns[0].values,
          case .int32(let segments) = batch.columns[1].values
        else {
          throw StorageError.invalid(location: object.uri, message: "expected user_id string, segment int32")
        }
        for row in 0..<batch.rows { try body(users[row], Int(segments[row]), object.uri) }
      }
    }
  }
}
