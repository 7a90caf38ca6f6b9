import Basics
import Storage

/// Rejected lines by reason.
package struct RejectCounts: Hashable, Sendable, WireCodable {
  /// By `RejectReason.rawValue`; element 0 stays 0.
  private var counts = [Int](repeating: 0, count: RejectReason.allCases.count + 1)

  init() {}

  /// The counts that ``extra`` left in a manifest.
  init(_ manifest: Manifest) {
    for reason in RejectReason.allCases { self[reason] = manifest.count("rejected: \(reason)") }
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    for index in counts.indices { counts[index] = try reader.count() }
  }

  package func encode(to writer: inout ByteWriter) {
    for count in counts { writer.count(count) }
  }

  package subscript(reason: RejectReason) -> Int {
    get { counts[Int(reason.rawValue)] }
    set { counts[Int(reason.rawValue)] = newValue }
  }

  /// Sums wrap: counts may come from a broken peer.
  static func += (a: inout RejectCounts, b: RejectCounts) {
    for index in a.counts.indices { a.counts[index] &+= b.counts[index] }
  }

  package var total: Int { counts.reduce(0) { $0 &+ $1 } }

  /// Reasons that occurred, in their order.
  private var occurring: [(reason: RejectReason, count: Int)] {
    RejectReason.allCases.map { ($0, self[$0]) }.filter { $0.1 > 0 }
  }

  /// `malformed JSON 3, missing user_id 1`
  var text: String { occurring.map { "\($0.reason) \($0.count)" }.joined(separator: ", ") }

  /// For the manifest.
  var extra: [String: String] {
    Dictionary(uniqueKeysWithValues: occurring.map { ("rejected: \($0.reason)", "\($0.count)") })
  }

  var json: JSONValue {
    .object(Dictionary(uniqueKeysWithValues: occurring.map { ("\($0.reason)", .count($0.count)) }))
  }
}

extension Manifest {
  /// A count among the facts of the step; 0 if it is missing.
  func count(_ name: String) -> Int { extra[name].flatMap(Int.init) ?? 0 }
}
