import CSimdJSON
import Foundation
import Testing

import Clickstream

/// Days, hours and weekends of a time zone, compared with Foundation's calendar.
@Suite struct TimeZoneTests {
  /// Zones with offsets of half hours, changes at midnight, two changes a month apart, and none.
  @Test(arguments: [
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo",
    "Asia/Beirut",
    "Africa/Casablanca", "Pacific/Apia", "Pacific/Chatham",
  ])
  func quartersAndDays(_ name: String) throws {
    let zone = try #require(TimeZone(identifier: name))
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    // 2011 has Samoa's missing day, 2018 clock changes at midnight in Brazil.
    for (first, last) in [
      (15_300, 15_345), (17_600, 17_690), (17_800, 17_860), (20_170, 20_200), (20_380, 20_395),
    ] {
      let range = try #require(TimeRange(timeZone: name, days: first...last))
      #expect(range.days == last - first + 1)
      var time = range.start
      var quarter = DayQuarter(of: time, in: range)
      while time < range.end {
        if !quarter.contains(time) { quarter = DayQuarter(of: time, in: range) }
        let date = Date(timeIntervalSince1970: Double(time) / 1000)
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .weekday], from: date)
        let hour = try #require(parts.hour)
        let weekday = try #require(parts.weekday)
        let seconds = zone.secondsFromGMT(for: date)
        let day = Int((time + Int64(seconds) * 1000) / 86_400_000)
        #expect(range.clock.day(of: time) == day)
        let isRight =
          quarter.day == day - first && quarter.count == UserCount.night.rawValue + hour / 6
          && quarter.weekend == ([1, 7].contains(weekday) ? 1 : 0)
        if !isRight {
          Issue.record(
            "\(name) \(date): day \(quarter.day), count \(quarter.count), weekend \(quarter.weekend)")
          return
        }
        time += 900_000 - 1
      }
    }
  }

  @Test func daysOfClockChanges() throws {
    let hour: Int64 = 3_600_000
    // 2025-03-30 has 23 hours in Berlin, 2025-10-26 has 25.
    let spring = try #require(TimeRange(timeZone: "Europe/Berlin", days: 20_177...20_177))
    #expect(spring.end - spring.start == 23 * hour && spring.start == 20_177 * 24 * hour - hour)
    let autumn = try #require(TimeRange(timeZone: "Europe/Berlin", days: 20_387...20_387))
    #expect(autumn.end - autumn.start == 25 * hour)
    // 2018-11-04 begins at 01:00 in São Paulo.
    let brazil = try #require(TimeRange(timeZone: "America/Sao_Paulo", days: 17_839...17_839))
    #expect(brazil.start == 17_839 * 24 * hour + 3 * hour && brazil.end - brazil.start == 23 * hour)
    #expect(TimeRange(timeZone: "Mars/Olympus", days: 0...1) == nil)
  }

  @Test func rangesTravel() throws {
    for range in [
      try #require(TimeRange(timeZone: "Australia/Lord_Howe", days: 20_000...20_400)),
      try #require(TimeRange(start: 0, end: 86_400_000)), try #require(TimeRange(start: 0, end: 0)),
    ] {
      #expect(try TimeRange(decoding: range.encoded) == range)
    }
  }

  @Test func counters() {
    #expect(UserCount.allCases.count == UserCounts.count)
    #expect(UserCount.allCases.map(\.rawValue) == Array(0..<UserCount.number))
  }
}
