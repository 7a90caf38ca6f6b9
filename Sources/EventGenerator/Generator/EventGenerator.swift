/// A click stream that looks like a web shop's: users of several kinds, each with its own habits, move from page to page.
///
/// The parameters determine every event. A user's share of the events follows from the weights of all users; the user's
/// sessions follow from that share and the user's random stream; a session's events from the session's random stream. So any
/// thread can generate any day of any group of users, and merging the sessions in progress gives time order.
package final class EventGenerator: Sendable {
  package let parameters: GeneratorParameters
  let tables: GeneratorTables
  let text: SiteText
  let quotas: UserQuotas
  let calendar: SiteCalendar

  package init(_ parameters: GeneratorParameters) throws(GeneratorError) {
    try parameters.validate()
    self.parameters = parameters
    tables = GeneratorTables()
    text = SiteText()
    quotas = UserQuotas(parameters, tables: tables)
    calendar = SiteCalendar(parameters)
  }

  /// All events in time order. Keeps the plan of all users in memory, 2 to 3 bytes per event.
  package func stream() -> EventStream {
    EventStream(
      self, plans: (0..<parameters.filesPerDay).map { plan(group: $0) }, days: 0..<parameters.days)
  }

  func plan(group: Int) -> SessionPlan { SessionPlan(group: group, quotas: quotas, calendar: calendar) }

  /// The events of one group of users on one day (from 0): the content of one file.
  func stream(_ plan: SessionPlan, day: Int) -> EventStream {
    EventStream(self, plans: [plan], days: day..<day + 1)
  }

  /// Calls `body` with the id and kind of every user that has an event.
  package func forEachUser(_ body: (_ id: String, _ kind: UserKind) throws -> Void) rethrows {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 8)
    defer { memory.deallocate() }
    guard let base = memory.baseAddress else { return }
    for group in 0..<parameters.filesPerDay {
      try quotas.forEachUser(group: group) { user, profile, _ in
        var writer = LineWriter(base)
        SessionTemplate.userID(user, seed: parameters.seed, to: &writer)
        let id = String(decoding: memory[..<SessionTemplate.userIDLength], as: UTF8.self)
        try body(id, UserKind.allCases[Int(profile.kind)])
      }
    }
  }
}
