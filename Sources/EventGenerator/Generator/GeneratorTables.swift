/// Inverse distribution tables for everything random that is not a hash: a few random bits are the index. Built once per
/// generator, read by all threads.
final class GeneratorTables: @unchecked Sendable {
  // Sendable: the memory behind the pointers is written only in `init` and freed in `deinit`.
  private var allocations: [UnsafeMutableRawPointer] = []

  static let chainSlots = 256
  static let quantileSlots = 1024
  static let zipfSlots = 8192

  /// [habit][action from] → 256 slots of the next action; the row after the last action is the first of a
  /// session.
  let chain: UnsafePointer<UInt8>
  /// [habit] → 1024 quantiles of the events per session.
  let sessionLength: UnsafePointer<UInt16>
  /// [habit] → 1024 quantiles of the dwell factor, in 1/1024.
  let dwellFactor: UnsafePointer<UInt32>
  /// [habit][action] → median dwell, ms.
  let medianDwell: UnsafePointer<UInt32>
  /// [habit] → mean time per event, ms.
  let meanDwell: UnsafePointer<UInt32>
  /// [habit] → the 1025 edges of 1024 equally likely parts of the local day, ms.
  let timeOfDay: UnsafePointer<UInt32>
  /// 8192 slots of ranks.
  let productRank: UnsafePointer<UInt16>
  let articleRank: UnsafePointer<UInt16>
  let queryRank: UnsafePointer<UInt16>
  /// 1024 quantiles of a user's activity within a kind, in 1/1024 of the least active user's.
  let activity: UnsafePointer<UInt32>
  /// 1024 quantiles of a user's own pace, in 1/1024.
  let pace: UnsafePointer<UInt32>
  /// 256 slots.
  let kind: UnsafePointer<UInt8>
  let country: UnsafePointer<UInt8>
  let source: UnsafePointer<UInt8>
  /// [habit] → 256 slots of entries of `DeviceList.all`.
  let device: UnsafePointer<UInt8>
  /// [habit] → relative activity in 1/1024; share of mixed sessions and of picks from the sale category in
  /// 1/256.
  let kindActivity: UnsafePointer<UInt32>
  let mixing: UnsafePointer<UInt32>
  let sale: UnsafePointer<UInt32>

  init() {
    var keep: [UnsafeMutableRawPointer] = []
    func table<T: BitwiseCopyable>(_ values: [T]) -> UnsafePointer<T> {
      let memory = UnsafeMutablePointer<T>.allocate(capacity: max(1, values.count))
      memory.initialize(from: values, count: values.count)
      keep.append(UnsafeMutableRawPointer(memory))
      return UnsafePointer(memory)
    }
    let habits = UserKind.allCases.map(\.habit)
    let quantiles = GeneratorTables.quantileSlots

    chain = table(
      habits.flatMap { habit in
        (SiteChain.transitions + [SiteChain.entry]).flatMap { row in
          Distribution.slots(zip(row, habit.attraction).map { $0 * $1 }, count: GeneratorTables.chainSlots)
        }
      })
    sessionLength = table(
      habits.flatMap { habit in
        Distribution.logNormal(sigma: habit.sessionLength.sigma, count: quantiles).map {
          UInt16(min(400, max(1, (habit.sessionLength.median * $0).rounded())))
        }
      })
    dwellFactor = table(
      habits.flatMap { habit in
        Distribution.logNormal(sigma: habit.dwell.sigma, count: quantiles).map { UInt32($0 * 1024) }
      })
    medianDwell = table(
      habits.flatMap { habit in
        Action.allCases.map { UInt32($0.medianDwell * habit.dwell.factor) }
      })
    meanDwell = table(habits.map { UInt32(Distribution.meanDwell($0)) })
    timeOfDay = table(habits.flatMap { Distribution.timeOfDay(hours: $0.hours, parts: quantiles) })
    let zipf = GeneratorTables.zipfSlots
    productRank = table(Distribution.zipf(Catalog.productsPerCategory, exponent: 0.95, count: zipf))
    articleRank = table(Distribution.zipf(Catalog.articles, exponent: 0.8, count: zipf))
    queryRank = table(Distribution.zipf(Catalog.queries.count, exponent: 0.95, count: zipf))
    activity = table(
      Distribution.pareto(exponent: 3.4, limit: 12, count: quantiles).map { UInt32($0 * 1024) })
    pace = table(Distribution.logNormal(sigma: 0.2, count: quantiles).map { UInt32($0 * 1024) })
    kind = table(Distribution.slots(habits.map(\.share), count: 256))
    country = table(Distribution.slots(Catalog.countries.map(\.weight), count: 256))
    source = table(Distribution.slots(Catalog.sources.map(\.weight), count: 256))
    device = table(
      habits.flatMap { habit in
        Distribution.slots(
          DeviceList.all.map { entry in
            switch entry.device {
            case "mobile": entry.weight * habit.device.mobile
            case "desktop": entry.weight * habit.device.desktop
            default: entry.weight * habit.device.tablet
            }
          }, count: 256)
      })
    kindActivity = table(habits.map { UInt32($0.activity * 1024) })
    mixing = table(habits.map { UInt32($0.mixing * 256) })
    sale = table(habits.map { UInt32($0.sale * 256) })
    allocations = keep
  }

  deinit {
    for memory in allocations { memory.deallocate() }
  }
}
