import Basics
import Jobs
import Submit
import Synchronization
import TestSupport
import Testing
import Wire

@Suite struct SubmitViewTests {
  func job() -> JobProgress {
    var progress = JobProgress(name: "seg", steps: [("count", "count"), ("group", "group")])
    progress.apply(.accepted(JobID("seg-7")))
    progress.apply(.stepStarted(index: 0, type: "count", name: "count"))
    progress.apply(
      .progress([
        StageProgress(
          step: 0, stage: 0, name: "read", tasks: 16, done: 16,
          metrics: SubmitEventTests.metrics(rows: 2_000_000, bytes: 620_000_000), elapsedSeconds: 2,
          isDone: true),
        StageProgress(
          step: 0, stage: 1, name: "merge", tasks: 8, running: 2, done: 4, failedAttempts: 1,
          metrics: SubmitEventTests.metrics(rows: 1234), elapsedSeconds: 0.5),
      ]))
    return progress
  }

  @Test func runningStagesHaveBars() {
    var progress = job()
    progress.apply(.status("halfway"))
    let lines = ProgressView(style: TextStyle(width: 80)).live(progress)
    #expect(
      lines == [
        "[1/2] count  seg-7", "✔ read      16 tasks  2,000,000 rows  310 MB/s  2.0 s",
        "  merge     ███████████░░░░░░░░░░░  4/8  1,234 rows  2 running  1 failed  0.50 s", "  halfway",
      ])
    let ascii = ProgressView(style: TextStyle(width: 60, unicode: false)).live(job())
    #expect(ascii[2] == "  merge     4/8  1,234 rows  2 running  1 failed  0.50 s")
    #expect(ascii.allSatisfy { $0.unicodeScalars.allSatisfy(\.isASCII) })
  }

  @Test(arguments: [20, 25, 33, 40, 57, 80, 200]) func widthIsRespected(width: Int) {
    var progress = job()
    progress.apply(.status(String(repeating: "long ", count: 90)))
    progress.apply(
      .progress([
        StageProgress(step: 0, stage: 2, name: String(repeating: "n", count: 99), tasks: 1),
        StageProgress(
          step: 0, stage: 3, name: "x", tasks: Int.max, running: Int.max, done: Int.max, failedAttempts: 9,
          elapsedSeconds: .infinity),
        StageProgress(step: 0, stage: 4, name: "none", tasks: 0),
      ]))
    let lines = ProgressView(style: TextStyle(width: width)).live(progress)
    #expect(lines.count == 7)
    for line in lines { #expect(line.count <= width, "\(line)") }
  }

  @Test func stagesWaitForTheirInput() {
    var progress = job()
    progress.apply(.progress([StageProgress(step: 0, stage: 2, name: "write", tasks: 8)]))
    #expect(ProgressView(style: TextStyle(width: 80)).live(progress).last == "  write     8 tasks waiting")
  }

  @Test func iterationsShareALineAndHeightIsRespected() {
    var progress = job()
    func iterations(_ name: (Int) -> String) -> [StageProgress] {
      (0..<50).map {
        StageProgress(
          step: 0, stage: 10 + $0, name: name($0), tasks: 4, done: 4, elapsedSeconds: 0.1, isDone: true)
      }
    }
    progress.apply(.progress(iterations { _ in "iterate" }))
    let view = ProgressView(style: TextStyle(width: 80, height: 10))
    #expect(view.live(progress).last == "✔ iterate   50 times  200 tasks  5.0 s")
    progress.apply(.progress(iterations { "stage \($0)" }))
    #expect(view.live(progress).count <= 8)
    #expect(view.live(progress)[0] == "[1/2] count  seg-7")
  }

  @Test func hostileNamesCannotMoveTheCursor() {
    var progress = job()
    progress.apply(.status("a\u{1B}[2Jb\nc\u{9B}d"))
    let lines = ProgressView(style: TextStyle(width: 80, color: false)).live(progress)
    #expect(lines.last == "  a [2Jb c d")
  }

  @Test func stepsThatAreDoneStay() {
    var progress = job()
    let report = StepReport(output: "/o", skipped: false, values: [:], text: "")
    progress.apply(.stepFinished(index: 0, seconds: 2.5, report: report))
    let view = ProgressView(style: TextStyle(width: 80))
    #expect(view.live(progress) == [])
    #expect(view.finished(progress, step: 0) == "✔ [1/2] count  2.5 s  2,000,000 rows")
    let colored = ProgressView(style: TextStyle(width: 80, color: true)).finished(progress, step: 0)
    #expect(colored == "\u{1B}[32m✔ [1/2] count  2.5 s  2,000,000 rows\u{1B}[0m")
  }

  @Test func displayIsRedrawnInPlaceAndRestored() {
    let written = Mutex<[String]>([])
    let display = LiveDisplay { text in written.withLock { $0.append(text) } }
    display.draw(["a", "b"])
    display.draw(["a", "b"])
    display.draw(["c"], permanent: ["done"])
    display.close()
    display.close()
    display.draw(["too late"])
    #expect(
      written.withLock { $0 } == [
        "\u{1B}[?25l\r\u{1B}[?7la\u{1B}[K\nb\u{1B}[K\n\u{1B}[J\u{1B}[?7h",
        "\u{1B}[2A\r\u{1B}[?7ldone\u{1B}[K\nc\u{1B}[K\n\u{1B}[J\u{1B}[?7h", "\u{1B}[1A\r\u{1B}[J\u{1B}[?25h",
      ])
  }

  @Test func quantities() {
    #expect(
      [0, 999, 1000, 1_234_567, -1000].map { Quantity.count($0) } == [
        "0", "999", "1,000", "1,234,567", "-1,000",
      ])
    #expect(
      [0, 999, 1000, 99_949, 99_950, 1.25e9, 9e18].map(Quantity.bytes) == [
        "0 B", "999 B", "1.0 kB", "99.9 kB", "100 kB", "1.3 GB", "9000 PB",
      ])
    #expect(
      [0, 0.004, 0.99, 0.996, 59.94, 59.96, 125, 3599.6, 7260, -1, .nan].map(Quantity.seconds) == [
        "0.00 s", "0.00 s", "0.99 s", "1.0 s", "59.9 s", "1 min 00 s", "2 min 05 s", "1 h 00 min",
        "2 h 01 min", "0 s", "0 s",
      ])
  }
}
