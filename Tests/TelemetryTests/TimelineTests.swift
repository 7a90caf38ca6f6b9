import Basics
import Telemetry
import TestSupport
import Testing
import Wire

@Suite struct TimelineTests {
  private func at(_ microseconds: Int64) -> Moment { Moment(microseconds: 1_000_000_000 + microseconds) }

  /// However long the job gets, all time that attempts took is somewhere, and no column holds more than it can.
  @Test func keepsAllTimeWhileColumnsGrow() {
    var timeline = Timeline()
    var now: Int64 = 0
    var total: Int64 = 0
    for number in 0..<5000 {
      let time = Int64(1000 + number * 3)
      timeline.add(
        WorkerID(1), from: at(now), to: at(now + time), group: number % 3, failed: number % 1000 == 0)
      now += time
      total += time
    }
    #expect(timeline.lanes.count == 1 && timeline.lanes[0].cells.count == Timeline.columns)
    let cells = timeline.lanes[0].cells
    #expect(cells.reduce(0) { $0 + $1.busy } == total)
    #expect(cells.allSatisfy { $0.busy <= timeline.width && (0...2).contains($0.group) || $0.busy == 0 })
    #expect(cells.reduce(0) { $0 + $1.failed } == 5)
    #expect(
      timeline.width * Int64(Timeline.columns) >= now && timeline.width * Int64(Timeline.columns) < 2 * now)
  }

  @Test func aCellShowsWhatMostOfItIsFor() {
    var timeline = Timeline()
    timeline.add(WorkerID(1), from: at(0), to: at(1000), group: 7, failed: false)
    timeline.add(WorkerID(1), from: at(1000), to: at(1300), group: 8, failed: false)
    #expect(timeline.lanes[0].cells[0].group == 7)
    timeline.add(WorkerID(1), from: at(0), to: at(1900), group: 8, failed: false)
    #expect(timeline.lanes[0].cells[0].group == 8)
  }

  @Test func manyWorkersShareALane() {
    var timeline = Timeline()
    for worker in 0..<1000 {
      timeline.add(WorkerID(worker), from: at(0), to: at(10), group: 0, failed: false)
    }
    #expect(timeline.lanes.count == 200 && timeline.lanes.last?.worker == nil)
    #expect(timeline.lanes[199].cells[0].busy == Int64(8010), "801 workers, 10 microseconds each")
  }

  @Test func clocksThatRunWildAreTaken() {
    var timeline = Timeline()
    timeline.add(WorkerID(1), from: at(0), to: at(10), group: 0, failed: false)
    timeline.add(WorkerID(1), from: at(-500), to: at(-400), group: 0, failed: false)
    timeline.add(
      WorkerID(1), from: at(0), to: Moment(microseconds: .max / 2), group: 0, failed: true)
    #expect(timeline.lanes[0].cells.count == Timeline.columns)
  }
}
