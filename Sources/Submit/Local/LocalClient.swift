import Basics
import Jobs
import Transport
import Worker

/// Runs each job on its own cluster, which lives as long as the job.
package struct LocalClient: JobClient {
  private let kind: LocalCluster.Kind
  private let steps: StepRegistry
  private let eventLog: String?
  /// See ``Transport/Hello/build``.
  private let build: String

  /// One worker with some slots inside this process.
  /// - Parameters:
  ///   - shares: Shares of its memory; nil for half of the machine's memory.
  ///   - eventLog: Folder for event logs; nil for none.
  package static func threads(
    _ slots: Int, shares: MemoryShares? = nil, steps: StepRegistry = .standard, eventLog: String? = nil
  ) -> LocalClient {
    LocalClient(
      kind: .threads(slots: slots, shares), steps: steps, eventLog: eventLog, build: Version.build)
  }

  /// Worker processes on loopback with one slot each.
  package static func processes(
    _ count: Int, of program: WorkerProgram = .sibling, build: String = Version.build,
    steps: StepRegistry = .standard, eventLog: String? = nil
  ) -> LocalClient {
    LocalClient(kind: .processes(count: count, program), steps: steps, eventLog: eventLog, build: build)
  }

  package func submit(
    _ job: String, name: String, force: Bool, onEvent: @escaping @Sendable (JobEvent) -> Void
  ) throws -> any JobHandle {
    let cluster = try LocalCluster(kind, steps: steps, build: build, eventLog: eventLog)
    do {
      return Handle(try cluster.client.submit(job, name: name, force: force, onEvent: onEvent), cluster)
    } catch {
      cluster.close()
      throw error
    }
  }

  private final class Handle: JobHandle {
    private let inner: any JobHandle
    private let cluster: LocalCluster

    init(_ inner: any JobHandle, _ cluster: LocalCluster) {
      self.inner = inner
      self.cluster = cluster
    }

    func cancel() { inner.cancel() }

    func wait() -> JobOutcome {
      let outcome = inner.wait()
      cluster.close()
      return outcome
    }
  }
}
