/// The kinds of users of the generated site; a segmentation of the users should find them again.
package enum UserKind: UInt8, CaseIterable, Sendable {
  case browser, searcher, buyer, nightReader, bargainHunter, weekendMobile, crawler

  /// The name in the side file.
  package var name: String {
    switch self {
    case .browser: "browser"
    case .searcher: "searcher"
    case .buyer: "buyer"
    case .nightReader: "night_reader"
    case .bargainHunter: "bargain_hunter"
    case .weekendMobile: "weekend_mobile"
    case .crawler: "crawler"
    }
  }
}

/// The habit of a kind of user. Shares and weights are relative, in any unit.
struct Habit {
  /// Share of the users.
  var share: Double
  /// Events of a typical user, relative to other kinds.
  var activity: Double
  /// Largest share of a user's sessions that follow the common visitor's habit instead, so that kinds overlap.
  var mixing: Double
  /// Events of the median session, and the spread (standard deviation of the logarithm).
  var sessionLength: (median: Double, sigma: Double)
  /// Factor on ``Action/medianDwell``, and the spread.
  var dwell: (factor: Double, sigma: Double)
  /// Activity by local hour.
  var hours: [Double]
  /// Activity on Saturdays and Sundays relative to other days.
  var weekend: Double
  /// Shares of users whose first device is mobile, desktop, tablet, in the order of `DeviceList.all`.
  var device: (mobile: Double, desktop: Double, tablet: Double)
  /// Factors on the columns of ``SiteChain``, in the order of ``Action``.
  var attraction: [Double]
  /// Largest share of product picks from the sale category.
  var sale: Double
}

extension UserKind {
  /// The common day: little at night, a bump at noon, most in the evening.
  private static let common: [Double] = [
    4, 2, 1, 1, 1, 2, 4, 8, 12, 14, 15, 16, 18, 16, 15, 15, 16, 18, 22, 27, 30, 27, 18, 9,
  ]

  var habit: Habit {
    switch self {
    case .browser:
      Habit(
        share: 24, activity: 1, mixing: 0, sessionLength: (6, 0.6), dwell: (0.8, 0.9),
        hours: UserKind.common, weekend: 1.1, device: (0.2, 0.65, 0.15),
        attraction: [1.5, 1.4, 1, 1.4, 1, 0.7, 0.7, 0.5, 0.8, 0.35, 0.7], sale: 0.05)
    case .searcher:
      Habit(
        share: 17, activity: 1.5, mixing: 0.2, sessionLength: (11, 0.5), dwell: (0.7, 0.8),
        hours: [0, 0, 0, 0, 0, 0, 1, 3, 8, 14, 18, 18, 16, 24, 34, 36, 36, 34, 26, 10, 4, 2, 1, 0],
        weekend: 0.25, device: (0.08, 0.9, 0.02),
        attraction: [0.6, 0.4, 0.8, 0.3, 0.5, 0.6, 0.6, 6, 1.6, 0.5, 0.6], sale: 0.05)
    case .buyer:
      Habit(
        share: 15, activity: 1.5, mixing: 0.15, sessionLength: (13, 0.4), dwell: (0.9, 0.8),
        hours: [1, 0, 0, 0, 0, 1, 3, 5, 6, 6, 8, 14, 22, 18, 10, 8, 10, 16, 30, 42, 42, 30, 12, 4],
        weekend: 1.1, device: (0.3, 0.6, 0.1),
        attraction: [0.6, 0.6, 1, 0.15, 1, 3, 4, 0.7, 0.5, 5, 3], sale: 0.03)
    case .nightReader:
      Habit(
        share: 14, activity: 1, mixing: 0.15, sessionLength: (7, 0.6), dwell: (1.6, 0.7),
        hours: [34, 40, 40, 34, 22, 10, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 6, 10, 20],
        weekend: 1.2, device: (0.3, 0.35, 0.35),
        attraction: [0.8, 0.4, 0.3, 7, 0.6, 0.2, 0.5, 0.4, 0.5, 0.1, 0.5], sale: 0.02)
    case .bargainHunter:
      Habit(
        share: 13, activity: 2.6, mixing: 0.15, sessionLength: (26, 0.4), dwell: (0.4, 0.8),
        hours: [0, 0, 0, 0, 1, 4, 14, 30, 40, 40, 34, 24, 12, 5, 3, 3, 3, 3, 4, 5, 5, 3, 1, 0],
        weekend: 0.9, device: (0.45, 0.5, 0.05),
        attraction: [0.6, 1.6, 1.5, 0.1, 0.4, 1.4, 0.35, 0.8, 0.7, 2.2, 0.35], sale: 0.7)
    case .weekendMobile:
      Habit(
        share: 14, activity: 1.1, mixing: 0.12, sessionLength: (4, 0.5), dwell: (0.5, 0.9),
        hours: [3, 1, 1, 0, 0, 1, 2, 4, 8, 14, 20, 24, 26, 28, 30, 30, 28, 24, 20, 18, 18, 18, 14, 8],
        weekend: 16, device: (0.98, 0.01, 0.01),
        attraction: [1.3, 1.2, 1.1, 0.5, 0.8, 0.8, 0.8, 0.4, 2.4, 0.5, 0.8], sale: 0.1)
    case .crawler:
      Habit(
        share: 3, activity: 5, mixing: 0, sessionLength: (70, 0.4), dwell: (0.06, 0.25),
        hours: [Double](repeating: 1, count: 24), weekend: 1, device: (0, 1, 0),
        attraction: [0.4, 1.5, 2, 1, 0, 0, 0, 0, 0, 0, 0], sale: 0.1)
    }
  }
}
