import Synchronization

/// The plan of the group that threads work on. It is made once; threads that still write files of the group
/// before hold on to that one, so two are in memory at most times.
final class PlanCache: Sendable {
  private let generator: EventGenerator
  private let current = Mutex<(group: Int, plan: SessionPlan)?>(nil)

  init(_ generator: EventGenerator) { self.generator = generator }

  func plan(group: Int) -> SessionPlan {
    current.withLock { current in
      if let current, current.group == group { return current.plan }
      current = nil
      let plan = generator.plan(group: group)
      current = (group, plan)
      return plan
    }
  }
}
