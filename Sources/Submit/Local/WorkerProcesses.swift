import Basics
import Foundation
import Synchronization
import Transport

/// The worker program: an executable, and the arguments before the options of `swift-worker`.
package struct WorkerProgram: Sendable {
  package let executable: String
  package let arguments: [String]

  package init(executable: String, arguments: [String] = []) {
    self.executable = executable
    self.arguments = arguments
  }

  /// `swift-worker` next to the running program.
  package static var sibling: WorkerProgram {
    let folder = URL(fileURLWithPath: ownExecutable).deletingLastPathComponent()
    return WorkerProgram(executable: folder.appendingPathComponent("swift-worker").path)
  }

  /// The running program with a subcommand.
  package static func own(_ arguments: [String]) -> WorkerProgram {
    WorkerProgram(executable: ownExecutable, arguments: arguments)
  }

  private static var ownExecutable: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }
}

/// Worker processes started and stopped by this process.
// @unchecked Sendable: the processes are behind the lock; Foundation's Process is only queried and terminated.
final class WorkerProcesses: @unchecked Sendable {
  private let program: WorkerProgram
  private let processes = Mutex<[Process]>([])

  init(_ program: WorkerProgram) { self.program = program }

  func start(_ count: Int, driver: Endpoint) throws {
    let executable = program.executable
    guard FileManager.default.isExecutableFile(atPath: executable) else {
      throw ClusterError.workers("local-cluster needs the program \(executable), which does not exist")
    }
    for _ in 0..<count {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: executable)
      process.arguments =
        program.arguments + ["--driver", driver.description, "--cores", "1", "--rejoin", "0", "--quiet"]
      // The driver is this process, on loopback; secret and certificates are for other clusters.
      process.environment = ProcessInfo.processInfo.environment.filter { name, _ in
        name != Secret.variable && !TLS.Files.names.contains { $0.variable == name }
      }
      process.standardInput = FileHandle.nullDevice
      do { try process.run() } catch { throw ClusterError.workers("cannot start \(executable): \(error)") }
      processes.withLock { $0.append(process) }
    }
  }

  /// Set if a process exited by itself.
  var failure: String? {
    processes.withLock { $0 }.first { !$0.isRunning }.map {
      "a local worker exited at once (exit code \($0.terminationStatus))"
    }
  }

  /// Terminates the processes, then kills the rest.
  func stop() {
    let running = processes.withLock { $0 }.filter(\.isRunning)
    for process in running { process.terminate() }
    let limit = ContinuousClock.now + .seconds(5)
    for process in running {
      while process.isRunning, ContinuousClock.now < limit { usleep(2000) }
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
    }
  }
}
