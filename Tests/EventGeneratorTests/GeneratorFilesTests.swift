import Basics
import EventGenerator
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct GeneratorFilesTests {
  private let temporary: TemporaryFolder
  private var folder: String { temporary.path }

  init() throws { temporary = try TemporaryFolder() }

  private func write(
    _ generator: EventGenerator, to folder: String, format: EventFormat = .plain, threads: Int = 2,
    rate: Double? = nil
  ) throws -> EventFilesSummary {
    try EventFiles(generator, output: folder, format: format, threads: threads, rate: rate).run()
  }

  @Test(arguments: EventFormat.allCases)
  func areTheSameForAnyThreadsAndRate(format: EventFormat) throws {
    let generator = try makeGenerator(events: 12_000, users: 150, days: 5, filesPerDay: 3)
    let one = try write(generator, to: folder + "/one", format: format, threads: 1)
    _ = try write(generator, to: folder + "/many", format: format, threads: 5)
    _ = try write(generator, to: folder + "/slow", format: format, threads: 3, rate: 200_000)
    let expected = try temporary.files("one")
    #expect(one.events == 12_000 && one.files == 15)
    #expect(expected.count == 17)
    #expect(try temporary.files("many") == expected)
    #expect(try temporary.files("slow") == expected)
    // No staging area, no lock, nothing else.
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["many", "one", "slow"])
  }

  /// Each file is generated on its own, with the sessions that came over midnight walked again; the stream
  /// walks once.
  @Test(arguments: [1, 4])
  func holdTheEventsOfTheStream(filesPerDay: Int) throws {
    let generator = try makeGenerator(events: 15_000, users: 200, days: 6, filesPerDay: filesPerDay) {
      $0.malformedShare = 0.05
    }
    let summary = try write(generator, to: folder + "/out")
    var lines: [String] = []
    for (name, data) in try temporary.files("out") where name.hasPrefix("dt=") {
      let own = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
      let events = own.compactMap { try? ParsedEvent($0) }
      #expect(events.map(\.time) == events.map(\.time).sorted())
      #expect(Set(events.map { "dt=" + CivilDate.text($0.day) }) == [String(name.prefix { $0 != "/" })])
      lines += own
    }
    let expected = generator.lines()
    #expect(lines.sorted() == expected.sorted())
    #expect(summary.events == 15_000)
    #expect(summary.malformed == expected.count - 15_000)
    #expect(summary.bytes == expected.reduce(0) { $0 + $1.utf8.count + 1 })
  }

  @Test func tellTheKindOfEveryUserWithAnEvent() throws {
    // Too few events for all users.
    let generator = try makeGenerator(events: 300, users: 2000, filesPerDay: 2)
    _ = try write(generator, to: folder + "/out")
    let text = try String(contentsOfFile: folder + "/out/_kinds.csv", encoding: .utf8)
    let rows = text.split(separator: "\n").map { $0.split(separator: ",") }
    #expect(rows.first == ["user_id", "kind"])
    #expect(Set(rows.dropFirst().map { String($0[0]) }) == Set(try generator.parsed().map(\.user)))
    #expect(rows.count == Set(rows.map { $0[0] }).count)
    #expect(Set(rows.dropFirst().map { String($0[1]) }).isSubset(of: UserKind.allCases.map(\.name)))

    let elsewhere = EventFiles(generator, output: folder + "/other", kinds: folder + "/k.csv", threads: 1)
    _ = try elsewhere.run()
    #expect(try String(contentsOfFile: folder + "/k.csv", encoding: .utf8) == text)
    #expect(!FileManager.default.fileExists(atPath: folder + "/other/_kinds.csv"))
  }

  @Test func areNoneAfterCancel() throws {
    let files = EventFiles(
      try makeGenerator(events: 5000, users: 50), output: folder + "/out", threads: 2, rate: 1)
    files.cancel()
    #expect(throws: GeneratorError.cancelled) { try files.run() }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }

  @Test func areKnownWhenTheyAreThere() throws {
    let out = folder + "/out"
    let one = EventFiles(try makeGenerator(events: 500, users: 5), output: out, threads: 1)
    let other = EventFiles(try makeGenerator(events: 501, users: 5), output: out, threads: 1)
    #expect(try one.existing() == .nothing)
    _ = try one.run()
    #expect(try one.existing() == .same)
    #expect(try other.existing() == .other)
    _ = try other.run()
    #expect(try other.existing() == .same)
    #expect(try OutputFolder(out).manifest()?.parameters["events"] == "501")
  }

  @Test func neverReplaceWhatIsNotTheirs() throws {
    try temporary.write("letter.txt", "dear")
    let files = EventFiles(try makeGenerator(events: 500, users: 5), output: folder, threads: 1)
    #expect(try files.existing() == .other)
    #expect(throws: StorageError.self) { try files.run() }
    #expect(try temporary.files() == ["letter.txt": Data("dear".utf8)])
  }
}

@Suite struct GeneratorDateTests {
  @Test func agreesWithFoundation() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    for day in stride(from: 0, through: 200_000, by: 13) {
      let date = Date(timeIntervalSince1970: Double(day) * 86_400)
      let parts = calendar.dateComponents([.year, .month, .day], from: date)
      let text = String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
      #expect(CivilDate.text(day) == text)
      #expect(CivilDate.parse(text) == day)
    }
  }

  @Test(arguments: [
    "2025-02-29", "2025-4-1", "2025-13-01", "2025-00-01", "2025-01-32", "20250401",
    "2025-04-0x", "",
    "2025/04/01", "２025-04-1",
  ])
  func refuses(text: String) { #expect(CivilDate.parse(text) == nil) }
}
