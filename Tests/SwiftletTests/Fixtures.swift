import Basics
import Engine
import Foundation
import Jobs
import Storage
import Submit
import Swiftlet
import Synchronization
import TestSupport
import Worker

extension TemporaryFolder {
  /// The parts of an output, one after the other.
  func read(_ folder: String) throws -> String {
    try parts(folder).map { try String(contentsOfFile: "\(path)/\(folder)/\($0)", encoding: .utf8) }.joined()
  }

  func parts(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)").filter { $0.hasPrefix("part") }
      .sorted()
  }
}

struct JobFailed: Error, CustomStringConvertible { let description: String }

/// Runs a job on a cluster in this process.
@discardableResult
func run<P: JobProgram>(
  _ type: P.Type, _ options: [String: JSONValue], slots: Int = 2, shares: MemoryShares? = nil,
  force: Bool = false
) throws -> StepReport {
  var step = options
  step["type"] = .string(P.name)
  let job = JSONText.compact(.object(["name": "test", "steps": .array([.object(step)])]))
  let reports = Mutex<[StepReport]>([])
  let client = LocalClient.threads(
    slots, shares: shares, steps: .including([JobStep<P>.self]))
  let handle = try client.submit(job, name: "test", force: force) { event in
    if case .stepFinished(_, _, let report) = event { reports.withLock { $0.append(report) } }
  }
  switch handle.wait() {
  case .done: break
  case .failed(let message): throw JobFailed(description: message)
  case .cancelled: throw JobFailed(description: "cancelled")
  }
  guard let report = reports.withLock({ $0.first }) else { throw JobFailed(description: "no report") }
  return report
}
