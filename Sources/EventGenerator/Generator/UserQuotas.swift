/// The number of events of each user, `events` in all: proportional to weight and rounded on the running sum, so that every range
/// of users has a fixed number.
struct UserQuotas {
  let parameters: GeneratorParameters
  let tables: GeneratorTables
  /// The first user of each group, and one past the last user.
  let groupStart: [Int]
  /// Sum of the weights of the users before each group; the last element is the total.
  private let weightBefore: [UInt64]

  init(_ parameters: GeneratorParameters, tables: GeneratorTables) {
    self.parameters = parameters
    self.tables = tables
    let groups = parameters.filesPerDay
    groupStart = (0...groups).map { Int(UInt64(parameters.users) * UInt64($0) / UInt64(groups)) }
    var sum: UInt64 = 0
    var before: [UInt64] = [0]
    for group in 0..<groups {
      for user in groupStart[group]..<groupStart[group + 1] {
        sum += UInt64(UserProfile(UInt32(user), seed: parameters.seed, tables: tables).weight)
      }
      before.append(sum)
    }
    weightBefore = before
  }

  /// Events of the users before a user, given the sum of their weights. Exact: the product has 128 bits.
  private func share(_ weight: UInt64) -> Int {
    let product = UInt64(parameters.events).multipliedFullWidth(by: weight)
    return Int(weightBefore[weightBefore.count - 1].dividingFullWidth(product).quotient)
  }

  /// Number of events of a group.
  func events(group: Int) -> Int { share(weightBefore[group + 1]) - share(weightBefore[group]) }

  /// Calls `body` with every user of a group that has events, in order.
  func forEachUser(
    group: Int, _ body: (_ user: UInt32, _ profile: UserProfile, _ events: Int) throws -> Void
  ) rethrows {
    var sum = weightBefore[group]
    var done = share(sum)
    for user in groupStart[group]..<groupStart[group + 1] {
      let profile = UserProfile(UInt32(user), seed: parameters.seed, tables: tables)
      sum += UInt64(profile.weight)
      let next = share(sum)
      if next > done { try body(UInt32(user), profile, next - done) }
      done = next
    }
  }
}
