import Basics
import CommandLine
import Synchronization
import Testing
import Wire

@Suite struct LogTests {
  private func lines(_ format: LogFormat, _ write: (Log) -> Void) -> [String] {
    let lines = Mutex<[String]>([])
    write(Log { entry in lines.withLock { $0.append(format.line(entry, program: "swift-worker")) } })
    return lines.withLock { $0 }
  }

  private let attempt = TaskAttemptID(
    task: TaskID(stage: StageID(job: JobID("j1"), number: 4), partition: 7), attempt: 2)

  @Test func jsonLinesCarryJobStageTaskAndAttempt() throws {
    let lines = lines(.json) { log in
      log.write(.warning, "a \"b\"\nc", job: JobID("j1"), attempt: attempt, worker: "w1")
      log("plain")
    }
    let first = try JSONText.parse(lines[0])
    #expect(lines[0].hasPrefix("{\"time\":\"") && !lines[0].contains("\n"))
    #expect(
      first["level"] == "warning" && first["message"] == "a \"b\"\nc" && first["program"] == "swift-worker")
    #expect(first["job"] == "j1" && first["stage"] == 4 && first["task"] == 7 && first["attempt"] == 2)
    #expect(first["worker"] == "w1")
    #expect(try JSONText.parse(lines[1])["job"] == nil)
  }

  @Test func textIsForPeople() {
    let lines = lines(.text) { log in
      log.write(.error, "no room")
      log("joined")
    }
    #expect(
      lines[0].hasSuffix("Z swift-worker: error: no room") && lines[1].hasSuffix("Z swift-worker: joined"))
  }

  @Test func momentsAreWrittenInUTC() {
    #expect(Moment(microseconds: 0).text == "1970-01-01T00:00:00.000Z")
    #expect(Moment(microseconds: 1_795_646_548_073_781).text == "2026-11-25T22:42:28.073Z")
    #expect(Moment(microseconds: -1).text == "1969-12-31T23:59:59.999Z")
  }
}
