import Basics
import EventGenerator
import Testing

@Suite struct GeneratorStreamTests {
  @Test(arguments: [
    (1, 1, 1, 1), (7, 1000, 3, 2), (5000, 3, 2, 2), (3001, 100, 30, 1), (2999, 50, 1, 5), (4000, 4, 7, 9),
  ])
  func hasExactlyTheEventsAskedFor(events: Int, users: Int, days: Int, files: Int) throws {
    let generator = try makeGenerator(events: events, users: users, days: days, filesPerDay: files)
    #expect(generator.lines().count == events)
  }

  /// Pins the bytes: they are the same on every machine, in debug and release builds, and from version to
  /// version unless habits are changed on purpose.
  @Test func hasTheseBytesAndNoOthers() throws {
    let lines = try makeGenerator(events: 20_000, users: 300, days: 21).lines()
    #expect(XXH3.hash(lines.joined(separator: "\n")) == 11_283_804_049_615_019_364)
  }

  @Test func differsFromSeedToSeed() throws {
    let one = Set(try makeGenerator(events: 2000, users: 50, seed: 1).lines())
    #expect(one.isDisjoint(with: try makeGenerator(events: 2000, users: 50, seed: 2).lines()))
  }

  @Test func comesInTheSameOrderInBatchesOfAnySize() throws {
    let generator = try makeGenerator(events: 5000, users: 80)
    #expect(generator.lines() == generator.lines(limit: 7))
  }

  @Test func isInTimeOrderWithinTheRange() throws {
    let generator = try makeGenerator(events: 20_000, users: 300, days: 3)
    let times = try generator.parsed().map(\.time)
    #expect(times == times.sorted())
    let start = generator.parameters.startTime
    let end = start + Int64(generator.parameters.days) * CivilDate.millisecondsPerDay
    #expect(times.allSatisfy { (start..<end).contains($0) })
  }

  @Test func tellsTimeAndUserOfEachLine() throws {
    let stream = try makeGenerator(events: 3000, users: 80) { $0.malformedShare = 0.2 }.stream()
    let batch = EventBatch()
    var malformed = 0
    while stream.fill(batch, limit: 100) {
      #expect(batch.events <= 100)
      for record in batch.records {
        if record.key.isEmpty {
          malformed += 1
          continue
        }
        let event = try ParsedEvent(String(decoding: batch.bytes[record.line], as: UTF8.self))
        #expect(event.time == record.timestamp)
        #expect(event.user == String(decoding: batch.bytes[record.key], as: UTF8.self))
      }
    }
    #expect(malformed > 0)
  }

  @Test func everyLineIsAnEvent() throws {
    let known: [String: Set<String>] = [
      "page_view": ["product_id", "price", "duration_ms", "referrer"],
      "click": ["product_id", "price"],
      "search": ["query", "duration_ms", "referrer"],
      "add_to_cart": ["product_id", "price", "quantity"],
      "purchase": ["product_id", "price", "quantity"],
    ]
    let common: Set = [
      "event_id", "event_type", "timestamp", "user_id", "session_id", "page_url", "device", "os", "browser",
      "country",
    ]
    var prices: [String: Double] = [:]
    for event in try makeGenerator(events: 20_000, users: 300).parsed() {
      let own = try #require(known[event.type], "\(event.type)")
      let names = Set(event.fields.keys).subtracting(["experiment", "variant"])
      #expect(common.isSubset(of: names))
      #expect(names.subtracting(common).isSubset(of: own))
      #expect(event.fields["timestamp"] is Int)
      #expect(["mobile", "desktop", "tablet"].contains(event.fields["device"] as? String))
      #expect((event.fields["page_url"] as? String)?.hasPrefix("https://shop.example/") == true)
      #expect((event.fields["experiment"] == nil) == (event.fields["variant"] == nil))
      if event.type == "page_view" || event.type == "search" {
        #expect(try #require(event.fields["duration_ms"] as? Int) >= 0)
      }
      if event.type == "search" { #expect((event.fields["query"] as? String)?.isEmpty == false) }
      if event.type == "purchase" || event.type == "add_to_cart" {
        #expect((1...3).contains(try #require(event.fields["quantity"] as? Int)))
      }
      if let product = event.fields["product_id"] as? String {
        let price = try #require(event.fields["price"] as? Double)
        #expect(price > 0 && prices.updateValue(price, forKey: product) ?? price == price)
      }
    }
  }

  @Test func idsAreUniqueAndSessionsHoldTogether() throws {
    let events = try makeGenerator(events: 30_000, users: 300).parsed()
    #expect(Set(events.map(\.id)).count == events.count)
    var owner: [String: String] = [:]
    var span: [String: ClosedRange<Int64>] = [:]
    for event in events {
      let session = try #require(event.session)
      #expect(owner.updateValue(event.user, forKey: session) ?? event.user == event.user)
      span[session] = (span[session]?.lowerBound ?? event.time)...event.time
    }
    #expect(span.values.allSatisfy { $0.upperBound - $0.lowerBound <= 6 * 3_600_000 })
    #expect(
      span.values.contains { $0.lowerBound / 86_400_000 < $0.upperBound / 86_400_000 },
      "none crosses midnight")
    // Users with ordinary activity do one thing at a time, with over half an hour in between.
    let sessions = Dictionary(grouping: span, by: { owner[$0.key] ?? "" }).values.filter { $0.count < 15 }
    for user in sessions {
      let ordered = user.map(\.value).sorted { $0.lowerBound < $1.lowerBound }
      for (one, next) in zip(ordered, ordered.dropFirst()) {
        #expect(next.lowerBound - one.upperBound > 30 * 60_000)
      }
    }
  }

  @Test func isoTimestampsMeanTheSameTimes() throws {
    let plain = try makeGenerator(events: 3000, users: 50).parsed()
    let iso = try makeGenerator(events: 3000, users: 50) { $0.isoTimestamps = true }.parsed()
    #expect(iso.allSatisfy { $0.fields["timestamp"] is String })
    #expect(iso.map(\.time) == plain.map(\.time))
    #expect(iso.map(\.id) == plain.map(\.id))
  }

  @Test func malformedLinesComeBesideTheSameEvents() throws {
    let plain = try makeGenerator(events: 20_000, users: 300).lines()
    let mixed = try makeGenerator(events: 20_000, users: 300) { $0.malformedShare = 0.1 }.lines()
    var valid: [String] = []
    var broken = 0
    for line in mixed {
      if (try? ParsedEvent(line)) != nil { valid.append(line) } else { broken += 1 }
    }
    #expect(valid == plain)
    let share = Double(broken) / Double(mixed.count)
    #expect(abs(share - 0.1) < 0.01, "\(share)")
  }

  @Test func someSessionsHaveNoID() throws {
    let plain = try makeGenerator(events: 20_000, users: 300).parsed()
    let mixed = try makeGenerator(events: 20_000, users: 300) { $0.sessionlessShare = 0.3 }.parsed()
    let share = Double(mixed.count { $0.session == nil }) / Double(mixed.count)
    #expect(abs(share - 0.3) < 0.05, "\(share)")
    #expect(mixed.map(\.id) == plain.map(\.id))
    #expect(
      try makeGenerator(events: 500, users: 5) { $0.sessionlessShare = 1 }.parsed().allSatisfy {
        $0.session == nil
      })
  }

  struct Refusal: Sendable {
    let name: String
    let change: @Sendable (inout GeneratorParameters) -> Void

    init(_ name: String, _ change: @escaping @Sendable (inout GeneratorParameters) -> Void) {
      self.name = name
      self.change = change
    }
  }

  @Test(arguments: [
    Refusal("events") { $0.events = 0 },
    Refusal("users") { $0.users = 0 },
    Refusal("users") { $0.events = 1_000_001 },
    Refusal("days") { $0.days = 0 },
    Refusal("days") { $0.days = Int.max },
    Refusal("start-date") { $0.startDay = Int.max },
    Refusal("files-per-day") { $0.filesPerDay = 0 },
    Refusal("malformed") { $0.malformedShare = .nan },
    Refusal("malformed") { $0.malformedShare = 1 },
    Refusal("sessionless") { $0.sessionlessShare = -1 },
  ])
  func refusesWhatCannotBe(refusal: Refusal) {
    #expect {
      _ = try makeGenerator(events: 10, users: 1, change: refusal.change)
    } throws: { error in
      guard case GeneratorError.parameter(let found, _, _) = error else { return false }
      return found == refusal.name
    }
  }
}
