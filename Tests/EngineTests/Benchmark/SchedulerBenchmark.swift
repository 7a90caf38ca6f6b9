import Engine
import Foundation
import Testing
import Wire

/// The time that the scheduler alone takes a task, printed and not judged:
/// `SWIFTLET_BENCH=1 swift test -c release --filter SchedulerBenchmark`. Workers answer at once.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SWIFTLET_BENCH"] != nil), .serialized)
struct SchedulerBenchmark {
  struct Load: CustomTestStringConvertible, Sendable {
    var workers: Int
    var tasks = 100_000
    var maps = 0
    var jobs = 1
    var isKeyed = false
    /// Time of a task, which decides how many are queued on a worker.
    var micros = 1
    /// Reports a message; there is one message to a call of the scheduler.
    var burst: Int

    var testDescription: String {
      "\(tasks) tasks after \(maps) maps, \(jobs) jobs, \(workers) workers x 4 slots, \(micros) µs each, "
        + "\(burst) reports a message\(isKeyed ? ", cached input" : "")"
    }
  }

  @Test(
    arguments: [
      Load(workers: 1, tasks: 1000, burst: 1), Load(workers: 1, tasks: 10_000, burst: 1),
      Load(workers: 1, burst: 1),
    ]
      + [2, 10, 50].flatMap { workers in
        [
          Load(workers: workers, burst: 1), Load(workers: workers, burst: 16),
          Load(workers: workers, micros: 100_000, burst: 1), Load(workers: workers, jobs: 4, burst: 1),
          Load(workers: workers, isKeyed: true, burst: 4),
          Load(workers: workers, tasks: 10_000, maps: 10_000, burst: 4),
        ]
      })
  func timePerTask(_ load: Load) {
    let time = run(load) / .microseconds(1) / Double(load.tasks + load.maps * load.jobs)
    print("\(load.testDescription): \((time * 1000).rounded() / 1000) µs a task")
  }

  private func run(_ load: Load) -> Duration {
    var scheduler = Scheduler()
    var now = Duration.zero
    var queues = [[TaskAttemptID]](repeating: [], count: load.workers + 1)
    var finished = 0
    func take(_ actions: [SchedulerAction]) {
      for action in actions {
        switch action {
        case .send(let worker, .launch(let batch)): queues[worker.number] += batch.tasks.map(\.attempt)
        case .finished: finished += 1
        default: break
        }
      }
    }
    for worker in 1...load.workers {
      take(scheduler.handle([.workerJoined(WorkerID(worker), SchedulerRig.info(worker, 4))], now: now))
    }
    let start = ContinuousClock.now
    for job in 0..<load.jobs {
      take(scheduler.handle([.submit(JobID("job-\(job)"), graph(load))], now: now))
    }
    var metrics = TaskMetrics()
    metrics.microseconds = load.micros
    let success = TaskSuccess(result: [], blockSizes: [], isCached: load.isKeyed, metrics: metrics)
    while finished < load.jobs {
      for worker in 1...load.workers where !queues[worker].isEmpty {
        let reports = queues[worker].suffix(load.burst).map {
          TaskReport(attempt: $0, outcome: .success(success))
        }
        queues[worker].removeLast(reports.count)
        now += .microseconds(10)
        take(scheduler.handle([.message(WorkerID(worker), .reports(reports)), .tick], now: now))
      }
    }
    return ContinuousClock.now - start
  }

  private func graph(_ load: Load) -> StageGraph {
    let count = load.tasks / load.jobs
    let last = StageSpec(
      name: "s", operatorName: "op", parameters: [],
      tasks: (0..<count).map { TaskSpec(input: [], cacheKey: load.isKeyed ? "k\($0)" : nil) },
      upstream: load.maps > 0 ? [0] : [])
    let map = StageSpec(
      name: "m", operatorName: "op", parameters: [], tasks: (0..<load.maps).map { _ in TaskSpec(input: []) },
      shufflePartitions: count)
    return StageGraph(load.maps > 0 ? [map, last] : [last])
  }
}
