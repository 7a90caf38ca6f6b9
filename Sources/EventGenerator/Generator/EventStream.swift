import Basics

/// The events of some users in time order, as lines. Memory: one slot per session in progress, the sessions of one day, and the
/// plans. Used by one thread at a time.
package final class EventStream {
  private struct Slot {
    var session: ActiveSession
    var template: SessionTemplate
    var source: Int
  }

  private let generator: EventGenerator
  private let plans: [SessionPlan]
  private let days: Range<Int>
  private let origin: Int64
  private let end: Int64
  private var nextDay: Int
  private var pending: [PlannedSession] = []
  private var nextPending = 0

  private var heap = SessionHeap()
  private var capacity = 256
  private var slots: UnsafeMutablePointer<Slot>
  private var templates: UnsafeMutableRawPointer
  private var free: [Int]
  private var writer: EventWriter
  private let sessionless: UInt64

  /// - Parameter days: Days since the start of the range.
  init(_ generator: EventGenerator, plans: [SessionPlan], days: Range<Int>) {
    self.generator = generator
    self.plans = plans
    self.days = days
    origin = generator.parameters.startTime
    end = Int64(days.upperBound) * CivilDate.millisecondsPerDay
    nextDay = days.lowerBound
    slots = .allocate(capacity: capacity)
    templates = .allocate(byteCount: capacity * SessionTemplate.size, alignment: 16)
    free = Array((0..<capacity).reversed())
    writer = EventWriter(generator)
    sessionless = UInt64(generator.parameters.sessionlessShare * 0x1p32)
  }

  deinit {
    slots.deallocate()
    templates.deallocate()
  }

  /// Replaces the content of `batch` with the next events, at most `limit`, as many as fit.
  /// - Returns: false after the last event.
  package func fill(_ batch: EventBatch, limit: Int = .max) -> Bool {
    batch.removeAll()
    while batch.events < limit, batch.hasRoom {
      if nextPending < pending.count {
        let planned = pending[nextPending]
        if heap.isEmpty || SessionHeap.order(time: planned.begin, key: 0) <= heap.firstOrder {
          nextPending += 1
          start(planned)
          continue
        }
      } else if nextDay < days.upperBound, heap.isEmpty || heap.firstOrder >= dayOrder(nextDay) {
        load(nextDay)
        nextDay += 1
        continue
      } else if heap.isEmpty {
        break
      }
      guard heap.firstOrder < dayOrder(days.upperBound) else { break }
      emit(to: batch)
    }
    return batch.events > 0
  }

  private func dayOrder(_ day: Int) -> UInt64 {
    SessionHeap.order(time: Int64(day) * CivilDate.millisecondsPerDay, key: 0)
  }

  private func load(_ day: Int) {
    // Sessions of the day before that reach into the first day; on later days they are already in progress.
    pending = plans.flatMap { $0.sessions(on: day, withCarriedOver: day == days.lowerBound) }
    pending.sort { ($0.begin, $0.user, $0.ordinal) < ($1.begin, $1.user, $1.ordinal) }
    nextPending = 0
  }

  @inline(__always)
  private func emit(to batch: EventBatch) {
    let slot = heap.firstSlot
    let pointer = slots + slot
    writer.write(
      pointer.pointee.session, pointer.pointee.template, source: pointer.pointee.source,
      parts: templates + slot * SessionTemplate.size, to: batch)
    if pointer.pointee.session.isLast {
      heap.popFirst()
      free.append(slot)
    } else {
      pointer.pointee.session.advance(generator.tables)
      heap.replaceFirst(
        order: SessionHeap.order(
          time: pointer.pointee.session.time - origin, key: pointer.pointee.session.key))
    }
  }

  private func start(_ planned: PlannedSession) {
    let tables = generator.tables
    let seed = generator.parameters.seed
    let profile = UserProfile(planned.user, seed: seed, tables: tables)
    var session = ActiveSession(planned, profile: profile, seed: seed, origin: origin, tables: tables)
    let from = origin + Int64(days.lowerBound) * CivilDate.millisecondsPerDay
    while session.time < from {
      if session.isLast { return }
      session.advance(tables)
    }
    if free.isEmpty { grow() }
    let slot = free.removeLast()
    // Properties of the whole session come from a hash of its key.
    let draw = SplitMix64.mix(session.key ^ 0x7365_7373)
    let device = draw & 255 < UInt64(profile.secondShare) ? profile.secondDevice : profile.device
    let template = SessionTemplate(
      at: templates + slot * SessionTemplate.size, session: session, profile: profile, device: Int(device),
      hasSessionID: draw >> 32 >= sessionless, seed: seed, text: generator.text)
    (slots + slot).initialize(
      to: Slot(session: session, template: template, source: Int(tables.source[Int(draw >> 8 & 255)])))
    heap.push(order: SessionHeap.order(time: session.time - origin, key: session.key), slot: slot)
  }

  private func grow() {
    let old = capacity
    capacity *= 2
    let moreSlots = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
    moreSlots.moveInitialize(from: slots, count: old)
    slots.deallocate()
    slots = moreSlots
    let moreTemplates = UnsafeMutableRawPointer.allocate(
      byteCount: capacity * SessionTemplate.size, alignment: 16)
    moreTemplates.copyMemory(from: templates, byteCount: old * SessionTemplate.size)
    templates.deallocate()
    templates = moreTemplates
    free = Array((old..<capacity).reversed())
  }
}
