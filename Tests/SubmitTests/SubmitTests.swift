import Basics
import CommandLine
import Foundation
import Jobs
import Submit
import Synchronization
import TestSupport
import Testing
import Wire

/// Plays events and ends; a cancelled one ends as cancelled.
final class FakeClient: JobClient, JobHandle {
  struct Refused: Error, CustomStringConvertible { let description: String }

  let events: [JobEvent]
  /// nil waits for `cancel`.
  let outcome: JobOutcome?
  let refusal: Refused?
  let submitted = Mutex<(job: String, name: String, force: Bool)?>(nil)
  private let cancelled = DispatchSemaphore(value: 0)

  init(_ events: [JobEvent], outcome: JobOutcome? = .done, refusal: Refused? = nil) {
    self.events = events
    self.outcome = outcome
    self.refusal = refusal
  }

  func submit(
    _ job: String, name: String, force: Bool, onEvent: @escaping @Sendable (JobEvent) -> Void
  ) throws -> any JobHandle {
    if let refusal { throw refusal }
    submitted.withLock { $0 = (job, name, force) }
    for event in events { onEvent(event) }
    return self
  }

  func cancel() { cancelled.signal() }

  func wait() -> JobOutcome {
    if let outcome { return outcome }
    return cancelled.wait(timeout: .now() + 30) == .success ? .cancelled : .failed("never cancelled")
  }
}

@Suite struct SubmitTests {
  struct Result {
    var code: Int32
    var output: String
    var error: String

    var json: JSONValue? { try? JSONText.parse(output) }
  }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let text = """
    {"name": "seg", "variables": {"root": "/data"}, "steps": [
      {"type": "count", "input": "${root}/raw/", "output": "${root}/counts/", "startDate": "2025-04-01"},
      {"type": "group", "name": "groups", "input": "${root}/counts/", "output": "${root}/groups/", "clusters": 5}]}
    """

  static let events: [JobEvent] = [
    .accepted(JobID("seg-7")), .stepStarted(index: 0, type: "count", name: "count"),
    .progress([
      StageProgress(
        step: 0, stage: 0, name: "read", tasks: 4, done: 4, failedAttempts: 3,
        metrics: SubmitEventTests.metrics(rows: 1000), elapsedSeconds: 2, isDone: true)
    ]),
    .notice("worker-2 was lost"), .notice("worker-2 was lost"),
    .stepFinished(
      index: 0, seconds: 1.5,
      report: StepReport(
        output: "/data/counts/", skipped: false,
        values: ["recordsRead": 2_000_000, "recordsRejected": 7, "rowsWritten": 20_000, "type": "mine"],
        text: "")),
    .stepStarted(index: 1, type: "group", name: "groups"),
    .stepFinished(
      index: 1, seconds: 0,
      report: StepReport(
        output: "/data/groups/", skipped: true, values: ["sizes": [3, 2]], text: "segment  size\n0        3")),
  ]

  func submit(
    _ arguments: [String], client: FakeClient = FakeClient(events), file: String = text,
    terminal: Bool = false,
    onStart: (SubmittedJob) -> Void = { _ in }
  ) throws -> Result {
    let path = try folder.write("job.json", file)
    try folder.write("vars.json", #"{"root": "/vars"}"#)
    let streams = Mutex(("", ""))
    let console = SubmitConsole(
      output: { text in streams.withLock { $0.0 += text } },
      error: { text in streams.withLock { $0.1 += text } },
      outputStyle: TextStyle(), errorStyle: { terminal ? TextStyle() : nil })
    let command = SubmitCommand(registry: fakeRegistry, console: console, watchInterrupts: false) { _ in
      client
    }
    let arguments = arguments.map { $0.replacing("DIR", with: folder.path) } + [path]
    let code = command.run(arguments, onStart: onStart)
    let (output, error) = streams.withLock { $0 }
    return Result(code: code, output: output, error: error.replacing(folder.path, with: "DIR"))
  }

  @Test func summaryForAPerson() throws {
    let result = try submit([])
    #expect(result.code == 0)
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0].hasPrefix("seg (seg-7): done in "))
    #expect(
      Array(lines.dropFirst()) == [
        "  1. count    1.5 s        2,000,000 rows read, 7 rejected, 20,000 written   → /data/counts/",
        "  2. groups   up to date                                                     → /data/groups/", "",
        "3 task attempts failed and were retried; worker-2 was lost", "", "segment  size", "0        3", "",
      ])
    // The same notice again is not told again.
    #expect(
      result.error
        == "! worker-2 was lost\n✔ [1/2] count  1.5 s  1,000 rows\n✔ [2/2] groups  up to date\n")
  }

  @Test func manyNoticesAreAList() throws {
    let notices = (1...12).map { JobEvent.notice("trouble \($0)") }
    let text = try submit([], client: FakeClient(notices, outcome: .done)).output
    #expect(text.contains("\n  trouble 7\n") && text.contains("\n  and 4 more\n"))
    #expect(!text.contains("trouble 9"))
  }

  /// A file's name is not ours: it must not move the cursor or set the title.
  @Test func messagesCannotSteerTheTerminal() throws {
    let client = FakeClient([], outcome: .failed("raw/\u{1B}[31m.jsonl: cut short\n  second line"))
    #expect(try submit([], client: client).error.hasSuffix("raw/ [31m.jsonl: cut short\n  second line\n"))
  }

  @Test func quietSaysNothing() throws {
    let result = try submit(["--quiet"])
    #expect(result.code == 0 && result.output.isEmpty && result.error.isEmpty)
  }

  @Test func jobIsSentResolved() throws {
    let client = FakeClient([])
    _ = try submit(
      [
        "--force", "--name", "other", "--set", "root=/set", "--conf", "s3.region=eu", "--conf",
        "s3.region=us",
      ], client: client)
    let sent = try #require(client.submitted.withLock { $0 })
    #expect(sent.name == "other" && sent.force)
    let job = try ResolvedJob(json: sent.job, registry: fakeRegistry)
    #expect(job.settings["s3.region"] == "us")
    #expect(job.steps.map { $0.values.optionalString("output") } == ["/set/counts", "/set/groups"])
    let vars = FakeClient([])
    _ = try submit(["--vars=DIR/vars.json"], client: vars)
    #expect(vars.submitted.withLock { $0?.job.contains("/vars/groups") } == true)
    #expect(vars.submitted.withLock { $0?.name } == "seg")
  }

  @Test func jsonAtTheEnd() throws {
    let result = try submit(["--json"])
    #expect(result.output.hasSuffix("}\n") && !result.output.dropLast().contains("\n"))
    guard case .object(var object)? = result.json else {
      Issue.record("no object: \(result.output)")
      return
    }
    guard case .number(let seconds)? = object.removeValue(forKey: "seconds") else {
      Issue.record("no seconds")
      return
    }
    #expect(seconds >= 0)
    #expect(
      object == [
        "job": "seg", "id": "seg-7", "status": "done", "failedAttempts": 3,
        "notices": ["worker-2 was lost", "worker-2 was lost"],
        "steps": [
          [
            "type": "count", "name": "count", "seconds": .number(1.5), "output": "/data/counts/",
            "skipped": false, "spilledBytes": 0,
            "recordsRead": 2_000_000, "recordsRejected": 7, "rowsWritten": 20_000,
          ],
          [
            "type": "group", "name": "groups", "seconds": .number(0), "output": "/data/groups/",
            "skipped": true, "spilledBytes": 0,
            "sizes": [3, 2],
          ],
        ],
      ])
  }

  @Test func failedJob() throws {
    let client = FakeClient(Array(Self.events.prefix(6)), outcome: .failed("the disk is full"))
    let result = try submit(["--json"], client: client)
    #expect(result.code == 1)
    #expect(result.error.hasSuffix("swift-submit: the job failed: the disk is full\n"))
    guard case .object(let object)? = result.json, case .array(let steps)? = object["steps"] else {
      Issue.record("no object: \(result.output)")
      return
    }
    #expect(object["status"] == "failed" && object["error"] == "the disk is full" && steps.count == 1)
    let text = try submit([], client: client)
    #expect(text.output.contains("seg (seg-7): failed in"))
    #expect(text.output.contains("2. groups   not finished"))
    #expect(text.output.contains("3 task attempts failed; worker-2 was lost"))
  }

  @Test func unreachableMasterIsAFailedJob() throws {
    let client = FakeClient([], refusal: .init(description: "no driver answers at h:1"))
    let result = try submit(["--json", "--master=swiftlet://h:1"], client: client)
    #expect(result.code == 1)
    guard case .object(let object)? = result.json else {
      Issue.record("no object: \(result.output)")
      return
    }
    #expect(
      object["status"] == "failed" && object["error"] == "no driver answers at h:1" && object["id"] == .null)
  }

  @Test func interruptedJob() throws {
    for terminal in [false, true] {
      let client = FakeClient(Array(Self.events.prefix(3)), outcome: nil)
      // Before it was sent: the cancellation must not be lost.
      let result = try submit(["--json"], client: client, terminal: terminal) { $0.interrupt() }
      #expect(result.code == 130)
      #expect(result.json.map { "\($0)".contains("cancelled") } == true)
      #expect(result.error.hasSuffix("swift-submit: the job was cancelled\n"))
    }
    // Cancelled by somebody else.
    #expect(try submit([], client: FakeClient([], outcome: .cancelled)).code == 1)
  }

  @Test func terminalIsGivenBack() throws {
    let result = try submit([], terminal: true)
    #expect(result.code == 0)
    #expect(
      result.error.contains("✔ [1/2] count  1.5 s  1,000 rows\u{1B}[K\n✔ [2/2] groups  up to date\u{1B}[K\n"))
    #expect(result.error.hasSuffix("\u{1B}[?25h"))
    #expect(!result.output.contains("\u{1B}"))
  }

  @Test func explain() throws {
    let client = FakeClient([])
    let result = try submit(["--explain", "--master", "local[3]"], client: client)
    #expect(result.code == 0)
    #expect(client.submitted.withLock { $0 == nil })
    #expect(
      result.output == """
        Job seg on local[3]

        Step 1: count
          input   3 objects, 1.2 GB
          output  /data/counts
          stages
            1. read   12 tasks                  count.map     12 splits of up to 64 MB
            2. merge  tasks depend on the data  count.reduce

        Step 2: groups (group)
          The output is up to date; the step will not run again without --force.

        """)
    let json = try submit(["--explain", "--json"]).json
    guard case .object(let object)? = json, case .array(let steps)? = object["steps"] else {
      Issue.record("no object")
      return
    }
    #expect(steps.count == 2)
  }

  @Test(arguments: [
    (["--bogus"], "swift-submit: unknown option '--bogus'\nTry 'swift-submit --help'.\n"),
    (
      ["--expalin"],
      "swift-submit: unknown option '--expalin'; did you mean '--explain'?\nTry 'swift-submit --help'.\n"
    ),
    (
      ["--conf", "s3.regoin=x"],
      "DIR/job.json: --conf s3.regoin: unknown setting 's3.regoin'; did you mean 's3.region'?\n"
    ),
    (["--set", "rot=/x"], "DIR/job.json: --set rot: the job has no variable 'rot'; did you mean 'root'?\n"),
    (
      ["--set", "root"],
      "swift-submit: --set: expected NAME=VALUE, found 'root'\nTry 'swift-submit --help'.\n"
    ),
    (
      ["--vars", "DIR/none"],
      "swift-submit: --vars: no such file: 'DIR/none'\nTry 'swift-submit --help'.\n"
    ),
    (["--vars", "DIR"], "swift-submit: --vars: 'DIR' is a folder\nTry 'swift-submit --help'.\n"),
    (
      ["--secret-file", "DIR/none"],
      "swift-submit: secret file DIR/none: No such file or directory\nTry 'swift-submit --help'.\n"
    ),
    (["x"], "swift-submit: expected one job.json, also found 'DIR/job.json'\nTry 'swift-submit --help'.\n"),
  ])
  func wrongCommands(arguments: [String], message: String) throws {
    let result = try submit(arguments)
    #expect(result.code == 2)
    #expect(result.error == message)
    #expect(result.output.isEmpty)
  }

  @Test func wrongJobFile() throws {
    let result = try submit(["--json"], file: "{\"steps\": [\n  {\"type\": \"count\",}]}")
    #expect(result.code == 2)
    #expect(result.error == "DIR/job.json:2:20: a comma before }\n")
  }

  @Test func helpAndVersion() throws {
    #expect(try submit(["--version"]).output == "swift-submit \(Version.current)\n")
    let help = try submit(["--help"])
    #expect(help.code == 0)
    for option in SubmitOptions.command.options { #expect(help.output.contains("--\(option.name)")) }
    #expect(help.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
    #expect(try submit(["--print-schema"]).output == JobSchema.text(fakeRegistry))
  }

  @Test func masters() throws {
    #expect(try Master("local[4]") == .local(workers: 4))
    #expect(try Master("local") == .local(workers: 1))
    #expect(try Master("local[*]", cores: 6) == .local(workers: 6))
    #expect(try Master("local-cluster[3]") == .localCluster(workers: 3))
    #expect(try Master("spark-local[2]") == .spark("local[2]"))
    #expect(try Master("spark://a:7077,b:7077") == .spark("spark://a:7077,b:7077"))
    #expect(try Master("swiftlet://[::1]:7077") == .remote(.tcp(host: "::1", port: 7077)))
    for text in [
      "local[4]", "local-cluster[3]", "swiftlet://h:1", "spark-local[2]", "spark://a:7077,b:7077",
    ] {
      #expect(try Master(text).description == text)
    }
    for text in [
      "", "local[0]", "local[-1]", "local[x]", "local[9999]", "local[", "local-cluster", "swiftlet://h",
      "swiftlet://h:0",
      "spark://", "spark://h:1 --x", "spark-local[0]", "mesos://h:1", "local[4",
      "local[99999999999999999999]",
    ] { #expect(throws: UsageError.self, "\(text)") { try Master(text) } }
  }
}
