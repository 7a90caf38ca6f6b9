/// The constant properties of a user. Determined by the seed and the user's number; recomputed rather than stored.
struct UserProfile {
  let kind: UInt8
  /// Relative expected number of events.
  let weight: UInt32
  /// Share of sessions, in 1/65536, that follow the common habit.
  let mixing: UInt32
  let country: UInt8
  /// Indexes into `DeviceList.all`, and the share of sessions on the second device in 1/256 (0: only one device).
  let device: UInt8
  let secondDevice: UInt8
  let secondShare: UInt8
  /// Factor on dwell times, in 1/1024.
  let pace: UInt32
  /// A category.
  let favourite: UInt8
  /// 0: not in the experiment, 1: control, 2: treatment.
  let variant: UInt8

  @inline(__always)
  init(_ user: UInt32, seed: UInt64, tables: GeneratorTables) {
    var random = SplitMix64(seed: seed, key: UInt64(user))
    let a = random.next()
    let b = random.next()
    kind = tables.kind[Int(a & 255)]
    let habit = Int(kind)
    // 10 bits choose the quantile; the product stays under 2^27.
    let activity = tables.activity[Int(a >> 8 & 1023)]
    weight = UInt32((UInt64(activity) * UInt64(tables.kindActivity[habit])) >> 10)
    country = tables.country[Int(a >> 18 & 255)]
    device = tables.device[habit << 8 | Int(a >> 26 & 255)]
    secondDevice = tables.device[Int(a >> 34 & 255)]
    // One user in four has a second device for up to half of the sessions.
    secondShare = a >> 42 & 3 == 0 && kind != UserKind.crawler.rawValue ? UInt8(a >> 44 & 127) : 0
    pace = tables.pace[Int(a >> 51 & 1023)]
    mixing = tables.mixing[habit] * UInt32(b & 255)
    favourite = UInt8(((b >> 8 & 255) * UInt64(Catalog.saleCategory)) >> 8)
    variant = b >> 16 & 1 == 0 ? 0 : UInt8(1 + (b >> 17 & 1))
  }
}
