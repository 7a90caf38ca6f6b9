import Basics
import Engine
import Jobs
import Wire

/// The lines of an event log (docs/driver.md). Names are never reused; readers ignore what they do not know.
extension ClusterEvent {
  static let logVersion = 1

  /// nil for events that are not logged.
  package var json: JSONValue? {
    guard var object = what.members else { return nil }
    object["at"] = .integer(at.microseconds)
    return .object(object)
  }

  /// - Returns: nil for an unknown event.
  /// - Throws: ``StateError/invalid(_:)``, which names the missing part.
  package init?(json: JSONValue, job: JobID) throws(StateError) {
    guard let what = try What(json: json, job: job) else { return nil }
    self.init(at: try json.moment("at"), what)
  }
}

extension ClusterEvent.What {
  fileprivate var members: [String: JSONValue]? {
    switch self {
    case .workerLoads, .dropped, .stages(_, _, isEnd: false): return nil
    case .driverStarted(let name, let version):
      return ["event": "driver", "name": .string(name), "version": .string(version)]
    case .workerJoined(let worker, let info):
      return [
        "event": "workerJoined", "worker": .count(worker.number), "name": .string(info.name),
        "slots": .count(info.slots), "memory": .count(info.memory), "address": .string(info.shuffleEndpoint),
      ]
    case .workerLost(let worker, let departure):
      return [
        "event": "workerLost", "worker": .count(worker.number), "cause": .string(departure.cause),
        "reason": .string(departure.description),
      ]
    case .workerChanged(let worker, let condition):
      var members: [String: JSONValue] = [
        "event": "workerChanged", "worker": .count(worker.number), "state": .string(condition.word),
      ]
      if case .excluded(let until, let reason) = condition {
        members["until"] = .integer(until.microseconds)
        members["reason"] = .string(reason)
      }
      return members
    case .jobSubmitted(let record): return ["event": "jobSubmitted", "record": record.stateJSON]
    case .jobStarted: return ["event": "jobStarted"]
    case .job(_, let event): return event.logMembers
    case .graphStarted(_, let step, let stages):
      return ["event": "graph", "step": .count(step), "stages": .array(stages.map(\.json))]
    case .stages(_, let stages, isEnd: true):
      return ["event": "graphEnd", "stages": .array(stages.map(\.json))]
    case .attemptEnded(let attempt): return attempt.logMembers
    }
  }

  fileprivate init?(json: JSONValue, job: JobID) throws(StateError) {
    func worker() throws(StateError) -> WorkerID { WorkerID(try json.natural("worker")) }
    switch try json.string("event") {
    case "driver": self = .driverStarted(name: try json.string("name"), version: try json.string("version"))
    case "workerJoined":
      self = .workerJoined(
        try worker(),
        WorkerInfo(
          name: try json.string("name"), slots: try json.natural("slots"),
          memory: min(max(0, json["memory"]?.int ?? 0), WorkerInfo.largestMemory),
          shuffleEndpoint: try json.string("address")))
    case "workerLost": self = .workerLost(try worker(), try WorkerDeparture(json: json))
    case "workerChanged":
      let condition: WorkerCondition
      switch try json.string("state") {
      case "quiet": condition = .quiet
      case "draining": condition = .draining
      case "excluded":
        condition = .excluded(
          until: try json.moment("until"), reason: try json.string("reason"))
      default: condition = .ready
      }
      self = .workerChanged(try worker(), condition)
    case "jobSubmitted":
      guard let record = json["record"] else { throw .invalid("record is missing") }
      self = .jobSubmitted(try JobRecord(state: record))
    case "jobStarted": self = .jobStarted(job)
    case "graph":
      var stages: [PlannedStage] = []
      for stage in json["stages"]?.items ?? [] { stages.append(try PlannedStage(json: stage)) }
      self = .graphStarted(job, step: try json.natural("step"), stages)
    case "graphEnd":
      var stages: [StageNumbers] = []
      for stage in json["stages"]?.items ?? [] { stages.append(try StageNumbers(json: stage)) }
      self = .stages(job, stages, isEnd: true)
    case "attempt": self = .attemptEnded(try AttemptRecord(json: json, job: job))
    default:
      guard let event = try JobEvent(logged: json) else { return nil }
      self = .job(job, event)
    }
  }
}

extension WorkerDeparture {
  fileprivate var cause: String {
    switch self {
    case .disconnected: "disconnected"
    case .silent: "silent"
    case .protocolViolation: "protocol"
    case .rejoined: "rejoined"
    case .drained: "drained"
    }
  }

  /// Logs of earlier versions have no cause.
  fileprivate init(json: JSONValue) throws(StateError) {
    let reason = try json.string("reason")
    switch json["cause"]?.text {
    case "drained": self = .drained
    case "rejoined": self = .rejoined
    case "protocol": self = .protocolViolation(reason)
    default: self = .disconnected(reason)
    }
  }
}

extension PlannedStage {
  fileprivate var json: JSONValue {
    [
      "stage": .count(number), "name": .string(name), "operator": .string(operatorName),
      "tasks": .count(tasks), "upstream": .array(upstream.map { .count($0) }),
      "shuffles": .bool(feedsShuffle),
    ]
  }

  fileprivate init(json: JSONValue) throws(StateError) {
    number = try json.natural("stage")
    name = try json.string("name")
    operatorName = try json.string("operator")
    tasks = try json.natural("tasks")
    upstream = (json["upstream"]?.items ?? []).compactMap(\.int).filter { JSONValue.naturals ~= $0 }
    feedsShuffle = json["shuffles"]?.bool ?? false
  }
}

extension StageNumbers {
  fileprivate var json: JSONValue {
    [
      "stage": .count(number), "tasks": .count(tasks), "done": .count(done),
      "failedAttempts": .count(failedAttempts), "speculativeAttempts": .count(speculativeAttempts),
      "metrics": .object(metrics.members),
      "seconds": .number(seconds),
    ]
  }

  fileprivate init(json: JSONValue) throws(StateError) {
    self.init(
      number: try json.natural("stage"), tasks: try json.natural("tasks"),
      done: try json.natural("done"), failedAttempts: try json.natural("failedAttempts"),
      // Earlier logs call them copies.
      speculativeAttempts: try json.natural(json["copies"] == nil ? "speculativeAttempts" : "copies"),
      metrics: TaskMetrics(json: json["metrics"]),
      seconds: json.seconds("seconds") ?? 0)
  }
}

extension AttemptRecord {
  fileprivate var logMembers: [String: JSONValue] {
    var members: [String: JSONValue] = [
      "event": "attempt", "stage": .count(stage), "partition": .count(partition), "attempt": .count(attempt),
      "worker": .count(worker.number), "started": .integer(started.microseconds),
    ]
    switch outcome {
    case .success(let metrics):
      members["outcome"] = "success"
      members["metrics"] = .object(metrics.members)
    case .lost: members["outcome"] = "lost"
    case .failed(let failure):
      members["outcome"] = .string(failure.kind)
      members["message"] = .string(failure.message)
    }
    return members
  }

  fileprivate init(json: JSONValue, job: JobID) throws(StateError) {
    let message = json["message"]?.text ?? ""
    let outcome: Outcome
    switch try json.string("outcome") {
    case "success": outcome = .success(TaskMetrics(json: json["metrics"]))
    case "lost": outcome = .lost
    case "cancelled": outcome = .failed(.cancelled)
    case "fatal": outcome = .failed(.fatal(message))
    case "bad_input": outcome = .failed(.badInput(location: "", message: message))
    case "lost_map_output":
      let stage = StageID(job: job, number: 0)
      let lost = TaskAttemptID(task: TaskID(stage: stage, partition: 0), attempt: 0)
      outcome = .failed(.lostMapOutput(lost, message: message))
    default: outcome = .failed(.transient(message))
    }
    self.init(
      job: job, stage: try json.natural("stage"), partition: try json.natural("partition"),
      attempt: try json.natural("attempt"), worker: WorkerID(try json.natural("worker")),
      started: try json.moment("started"), ended: try json.moment("at"), outcome: outcome)
  }
}

extension JobEvent {
  fileprivate var logMembers: [String: JSONValue]? {
    switch self {
    case .accepted, .progress: return nil
    case .stepStarted(let index, let type, let name):
      return ["event": "stepStarted", "step": .count(index), "type": .string(type), "name": .string(name)]
    case .status(let line): return ["event": "status", "text": .string(line)]
    case .notice(let line): return ["event": "notice", "text": .string(line)]
    case .stepFinished(let index, let seconds, let report):
      return [
        "event": "stepFinished", "step": .count(index), "seconds": .number(seconds),
        "report": report.stateJSON,
      ]
    case .finished(.done): return ["event": "finished", "outcome": "done"]
    case .finished(.cancelled): return ["event": "finished", "outcome": "cancelled"]
    case .finished(.failed(let message)):
      return ["event": "finished", "outcome": "failed", "text": .string(message)]
    }
  }

  fileprivate init?(logged json: JSONValue) throws(StateError) {
    switch try json.string("event") {
    case "stepStarted":
      self = .stepStarted(
        index: try json.natural("step"), type: try json.string("type"), name: try json.string("name"))
    case "status": self = .status(try json.string("text"))
    case "notice": self = .notice(try json.string("text"))
    case "stepFinished":
      guard let report = json["report"] else { throw .invalid("report is missing") }
      self = .stepFinished(
        index: try json.natural("step"), seconds: json.seconds("seconds") ?? 0,
        report: try StepReport(state: report))
    case "finished":
      switch try json.string("outcome") {
      case "done": self = .finished(.done)
      case "cancelled": self = .finished(.cancelled)
      default: self = .finished(.failed(try json.string("text")))
      }
    default: return nil
    }
  }
}
