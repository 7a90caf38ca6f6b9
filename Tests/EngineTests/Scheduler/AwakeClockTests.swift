import Engine
import Testing
import Wire

@Suite struct AwakeClockTests {
  @Test func turnsOfAnyLengthUpToTheLongestCount() {
    var clock = AwakeClock(longestTurn: .seconds(1), start: .seconds(5))
    #expect(clock.turn(at: .seconds(5)) == .seconds(5))
    #expect(clock.turn(at: .milliseconds(5100)) == .milliseconds(5100))
    #expect(clock.turn(at: .milliseconds(6100)) == .milliseconds(6100))
  }

  @Test func sleepDoesNot() {
    var clock = AwakeClock(longestTurn: .seconds(1))
    _ = clock.turn(at: .milliseconds(100))
    #expect(clock.turn(at: .seconds(3600)) == .milliseconds(1100))
    #expect(clock.turn(at: .seconds(3600) + .milliseconds(100)) == .milliseconds(1200))
    #expect(clock.turn(at: .seconds(9000)) == .milliseconds(2200))
  }

  @Test func aClockThatGoesBackStands() {
    var clock = AwakeClock(longestTurn: .seconds(1))
    _ = clock.turn(at: .seconds(1))
    #expect(clock.turn(at: .milliseconds(500)) == .seconds(1))
    #expect(clock.turn(at: .milliseconds(600)) == .milliseconds(1100))
  }

  /// The driver sleeps for an hour while two workers run tasks; one of them is not heard afterwards.
  @Test func aDriverThatWasStoppedTakesNobodyForSilent() {
    var rig = SchedulerRig(workers: [1, 1]) { $0.workerTimeout = .seconds(8) }
    var clock = AwakeClock(longestTurn: .seconds(1))
    rig.submit(.flat(2))
    var time: Duration = .zero
    for _ in 0..<20 {
      time += .milliseconds(100)
      rig.now = clock.turn(at: time)
      rig.handle(.tick)
    }
    time += .seconds(3600)
    rig.now = clock.turn(at: time)
    rig.handle(.tick)
    #expect(rig.scheduler.workerCount == 2 && rig.disconnected.isEmpty, "nothing has been read yet")
    for _ in 0..<60 {
      time += .milliseconds(100)
      rig.now = clock.turn(at: time)
      rig.handle(.message(WorkerID(1), .heartbeat([])), .tick)
    }
    #expect(
      rig.scheduler.workerSnapshots.map(\.id) == [WorkerID(1)], "who is silent while it is awake is lost")
  }
}
