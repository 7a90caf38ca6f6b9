import EventGenerator
import Testing

/// Whether the stream has the shape of a web site's. Seeds are fixed, so nothing here depends on luck.
@Suite struct GeneratorShapeTests {
  private struct Sample {
    var events: [ParsedEvent] = []
    var kinds: [String: UserKind] = [:]

    init() throws {
      let generator = try makeGenerator(events: 40_000, users: 500, days: 14)
      events = try generator.parsed()
      generator.forEachUser { kinds[$0] = $1 }
    }

    func share(_ kind: UserKind, _ isCounted: (ParsedEvent) -> Bool) -> Double {
      let own = events.filter { kinds[$0.user] == kind }
      return Double(own.count(where: isCounted)) / Double(max(1, own.count))
    }
  }

  @Test func usersAreSkewedAndNoneIsIdle() throws {
    let sample = try Sample()
    let counts = Dictionary(grouping: sample.events, by: \.user).values.map(\.count).sorted(by: >)
    #expect(counts.count == 500)
    #expect(Set(sample.kinds.keys) == Set(sample.events.map(\.user)))
    let top = Double(counts.prefix(50).reduce(0, +)) / 40_000
    #expect(top > 0.25 && top < 0.6, "\(top)")
    #expect(counts[499] > 20)
  }

  @Test func pagesFollowAPowerLaw() throws {
    let sample = try Sample()
    let views = sample.events.filter { $0.type == "page_view" && $0.fields["product_id"] != nil }
    let products = Dictionary(grouping: views) { $0.fields["product_id"] as? String ?? "" }.values
      .map(\.count).sorted(by: >)
    let top = Double(products.prefix(products.count / 100).reduce(0, +)) / Double(views.count)
    #expect(top > 0.2, "the most popular hundredth has \(top) of the views")
    #expect(products.count > 1000)
  }

  @Test func kindsHaveTheirOwnHours() throws {
    let sample = try Sample()
    #expect(sample.share(.nightReader) { $0.hour < 6 } > 0.35)
    #expect(sample.share(.browser) { $0.hour < 6 } < 0.15)
    #expect(sample.share(.bargainHunter) { (6..<12).contains($0.hour) } > 0.5)
    #expect(sample.share(.searcher) { (12..<18).contains($0.hour) } > 0.45)
    #expect(sample.share(.buyer) { $0.hour >= 16 } > 0.4)
  }

  @Test func kindsHaveTheirOwnDays() throws {
    let sample = try Sample()
    func isWeekend(_ event: ParsedEvent) -> Bool { [2, 3].contains(event.day % 7) }
    #expect(sample.share(.weekendMobile, isWeekend) > 0.6)
    #expect(sample.share(.searcher, isWeekend) < 0.2)
    #expect(abs(sample.share(.crawler, isWeekend) - 2.0 / 7) < 0.1)
  }

  @Test func kindsDoTheirOwnThings() throws {
    let sample = try Sample()
    #expect(
      sample.share(.buyer) { $0.type == "purchase" } > 10 * sample.share(.browser) { $0.type == "purchase" })
    #expect(sample.share(.searcher) { $0.type == "search" } > 0.3)
    #expect(sample.share(.weekendMobile) { $0.fields["device"] as? String == "mobile" } > 0.8)
    #expect(sample.share(.crawler) { $0.type == "page_view" } == 1)
  }

  @Test func devicesAndCountriesStayWithAUser() throws {
    let sample = try Sample()
    for (_, events) in Dictionary(grouping: sample.events, by: \.user) {
      #expect(Set(events.map { $0.fields["country"] as? String }).count == 1)
      #expect(Set(events.map { $0.fields["variant"] as? String }).count == 1)
      #expect(Set(events.map { "\($0.fields["device"] ?? "")\($0.fields["browser"] ?? "")" }).count <= 2)
    }
  }

  @Test func sessionsMakeSense() throws {
    let sample = try Sample()
    for (_, session) in Dictionary(grouping: sample.events, by: \.session) {
      var inCart: Set<String> = []
      for (event, next) in zip(session, session.dropFirst().map { $0 } + [nil]) {
        let product = event.fields["product_id"] as? String ?? ""
        if event.type == "add_to_cart" {
          #expect((event.fields["page_url"] as? String)?.hasSuffix("/p/" + product.dropFirst()) == true)
          inCart.insert(product)
        }
        if event.type == "purchase" { #expect(inCart.contains(product)) }
        // The time on a page is the time until the next event.
        if let next, let dwell = event.fields["duration_ms"] as? Int {
          #expect(next.time - event.time == Int64(dwell))
        }
        if next?.type == "page_view" || next?.type == "search" {
          #expect(next?.fields["referrer"] as? String == event.fields["page_url"] as? String)
        }
      }
    }
  }
}
