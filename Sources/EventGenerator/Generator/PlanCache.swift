import Synchronization

/// The plan of the current group of users, made once. Threads that still write files of the previous group keep that plan, so
/// usually at most two are in memory.
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
