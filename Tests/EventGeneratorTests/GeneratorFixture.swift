import Basics
import EventGenerator
import Foundation

/// 2025-04-01, a Tuesday.
let april = 20_179

func makeGenerator(
  events: Int, users: Int, seed: UInt64 = 42, days: Int = 7, filesPerDay: Int? = nil,
  change: (inout GeneratorParameters) -> Void = { _ in }
) throws -> EventGenerator {
  var parameters = GeneratorParameters(
    events: events, users: users, seed: seed, startDay: april, days: days, filesPerDay: filesPerDay)
  change(&parameters)
  return try EventGenerator(parameters)
}

extension EventGenerator {
  /// Every line in the order of the stream, without its line feed.
  func lines(limit: Int = .max) -> [String] {
    var result: [String] = []
    let stream = stream()
    let batch = EventBatch(capacity: 1 << 16)
    while stream.fill(batch, limit: limit) {
      for record in batch.records {
        result.append(
          String(
            decoding: UnsafeRawBufferPointer(rebasing: batch.bytes[record.line].dropLast()), as: UTF8.self))
      }
    }
    return result
  }

  func parsed() throws -> [ParsedEvent] { try lines().map { try ParsedEvent($0) } }
}

/// A line as an independent reader (Foundation's) understands it.
struct ParsedEvent {
  struct Malformed: Error {
    let line: String
  }

  let id: String
  let type: String
  let time: Int64
  let user: String
  let session: String?
  let fields: [String: Any]

  init(_ line: String) throws {
    guard let fields = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
      let id = fields["event_id"] as? String, let type = fields["event_type"] as? String,
      let user = fields["user_id"] as? String
    else { throw Malformed(line: line) }
    if let text = fields["timestamp"] as? String {
      let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
      time = Int64((try format.parse(text).timeIntervalSince1970 * 1000).rounded())
    } else if let number = fields["timestamp"] as? NSNumber {
      time = number.int64Value
    } else {
      throw Malformed(line: line)
    }
    self.id = id
    self.type = type
    self.user = user
    self.fields = fields
    session = fields["session_id"] as? String
  }

  /// Since 1970.
  var day: Int { Int(time / CivilDate.millisecondsPerDay) }
  /// UTC.
  var hour: Int { Int(time / 3_600_000 % 24) }
}
