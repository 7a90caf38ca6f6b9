import Basics

/// The probability of each day of the range for each habit: weekdays against weekends, and good or bad days of the whole
/// site.
struct SiteCalendar {
  /// [habit][day] → upper bound of the day's share of 2^32.
  private let bounds: [[UInt64]]

  init(_ parameters: GeneratorParameters) {
    bounds = UserKind.allCases.map { kind in
      let weekend = kind.habit.weekend
      var sum = 0.0
      let sums = (0..<parameters.days).map { day in
        var random = SplitMix64(seed: parameters.seed, key: UInt64(day) | 1 << 62)
        let mood = 0.88 + 0.24 * Double(random.next() >> 40) / Double(1 << 24)
        let weekday = CivilDate.weekday(parameters.startDay + day)
        sum += mood * (weekday == 0 || weekday == 6 ? weekend : 1)
        return sum
      }
      return sums.map { UInt64($0 / sum * 0x1p32) }
    }
  }

  /// The day (from 0) of a draw of 32 bits.
  func day(habit: Int, draw: UInt64) -> Int {
    let bounds = bounds[habit]
    var low = 0
    var high = bounds.count - 1
    while low < high {
      let middle = (low + high) / 2
      if draw < bounds[middle] { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
