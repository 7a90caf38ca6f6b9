import Basics
import Columns

/// Casts between dates, timestamps and instants; the session's time zone is between the last two.
enum TimeCasts {
  static let day: Int64 = 86_400_000_000

  static func kernel(_ from: ColumnType, _ to: ColumnType) -> Casts.Kernel? {
    switch (from, to) {
    case (.date, .timestamp):
      return Casts.Kernel(mayFail: false) { try $0.map { (a: Int32) in Int64(a) * day } }
    case (.date, .timestampTZ):
      return Casts.Kernel(mayFail: false) {
        let clock = try $0.arguments.clock()
        return try $0.map { (a: Int32) in clock.instant(Int64(a) * day) }
      }
    case (.timestamp, .date): return Casts.Kernel { try $0.map { (a: Int64) in date(a) } }
    case (.timestampTZ, .date), (.timestampMillis, .date):
      let unit: Int64 = from == .timestampMillis ? 1000 : 1
      return Casts.Kernel {
        let clock = try $0.arguments.clock()
        return try $0.map { (a: Int64) in date(clock.local(a &* unit)) }
      }
    case (.timestamp, .timestampTZ):
      return Casts.Kernel(mayFail: false) {
        let clock = try $0.arguments.clock()
        return try $0.map { (a: Int64) in clock.instant(a) }
      }
    case (.timestampTZ, .timestamp), (.timestampMillis, .timestamp):
      let unit: Int64 = from == .timestampMillis ? 1000 : 1
      return Casts.Kernel {
        let clock = try $0.arguments.clock()
        return try $0.map { (a: Int64) in
          let (micros, overflow) = a.multipliedReportingOverflow(by: unit)
          return overflow ? nil : clock.local(micros)
        }
      }
    case (.timestampMillis, .timestampTZ):
      return Casts.Kernel {
        try $0.map { (a: Int64) in
          let (micros, overflow) = a.multipliedReportingOverflow(by: 1000)
          return overflow ? nil : micros
        }
      }
    case (.timestampTZ, .timestampMillis):
      return Casts.Kernel(mayFail: false) { try $0.map { (a: Int64) in a.flooredDivision(by: 1000) } }
    default: return nil
    }
  }

  private static func date(_ local: Int64) -> Int32? { Int32(exactly: local.flooredDivision(by: day)) }
}
