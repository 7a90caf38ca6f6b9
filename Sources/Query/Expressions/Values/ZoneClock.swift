import Basics
import Columns
import Synchronization

/// Local times of a time zone: of an IANA name, or of a fixed offset such as `+02:00`.
struct ZoneClock: Sendable {
  private let table: TimeZoneTable?
  private let fixedOffset: Int64

  static let utc = ZoneClock(table: nil, fixedOffset: 0)

  private init(table: TimeZoneTable?, fixedOffset: Int64) {
    self.table = table
    self.fixedOffset = fixedOffset
  }

  private static let known = Mutex<[String: ZoneClock]>([:])

  /// - Throws: ``QueryError`` for an unknown name.
  static func named(_ name: String) throws -> ZoneClock {
    if name == "UTC" { return .utc }
    if let clock = known.withLock({ $0[name] }) { return clock }
    guard let clock = make(name) else {
      throw QueryError(
        "no time zone '\(name)'", hint: "name one as Europe/Berlin, or give an offset as +02:00")
    }
    known.withLock { clocks in
      // The names may come from data.
      if clocks.count >= 1000 { clocks = [:] }
      clocks[name] = clock
    }
    return clock
  }

  private static func make(_ name: String) -> ZoneClock? {
    switch name.uppercased() {
    case "UTC", "Z", "GMT", "ZULU": return .utc
    default: break
    }
    if let first = name.first, first == "+" || first == "-" {
      var name = name
      return name.withUTF8 { bytes in
        var scanner = TimeScanner(UnsafeRawBufferPointer(bytes))
        guard let seconds = scanner.offset(), scanner.isAtEnd else { return nil }
        return ZoneClock(table: nil, fixedOffset: seconds)
      }
    }
    return TimeZoneTable(name).map { ZoneClock(table: $0, fixedOffset: 0) }
  }

  /// Seconds to add to UTC at an instant in microseconds since 1970.
  func offset(at instant: Int64) -> Int64 {
    table?.offset(at: instant.flooredDivision(by: 1_000_000)) ?? fixedOffset
  }

  /// The local time at an instant; both in microseconds since 1970.
  func local(_ instant: Int64) -> Int64 { instant &+ offset(at: instant) &* 1_000_000 }

  /// The instant of a local time.
  func instant(_ local: Int64) -> Int64 {
    guard let table else { return local &- fixedOffset &* 1_000_000 }
    return local &- table.offset(atLocal: local.flooredDivision(by: 1_000_000)) &* 1_000_000
  }
}

extension Arguments {
  /// The clock of the session's time zone.
  func clock() throws -> ZoneClock { try ZoneClock.named(session.timeZone) }
}
