import Basics

extension ClusterView {
  /// The answer to The answer to `GET /api/v1/cluster`, and the first part of the page.
  package func clusterJSON(now: Moment) -> [String: JSONValue] {
    let list = workerList.compactMap { workers[$0] }
    let slots = list.reduce(0) { $0 + $1.info.slots }
    let running = list.reduce(0) { $0 + $1.running }
    let queued = jobs.values.reduce(0) { $0 + $1.queuedTasks }
    return [
      "driver": [
        "name": .string(driver.name), "version": .string(driver.version), "started": .moment(driver.started),
        "now": .string(now.text), "uptimeSeconds": .seconds(now.seconds(since: driver.started)),
      ],
      "slots": .count(slots), "runningTasks": .count(running), "queuedTasks": .count(queued),
      "memory": .count(list.reduce(0) { $0 + $1.info.memory }),
      "workers": .array(list.map { json($0, now: now) }),
      "formerWorkers": .array(former.reversed().map(json)),
      "totals": totals.json, "problems": .array(problems(now: now)),
    ]
  }

  private func json(_ worker: WorkerView, now: Moment) -> JSONValue {
    var object: [String: JSONValue] = [
      "id": .string(worker.id.description), "name": .string(worker.info.name),
      "slots": .count(worker.info.slots), "memory": .count(worker.info.memory),
      "address": .string(worker.info.shuffleEndpoint), "state": .string(worker.condition.word),
      "running": .count(worker.running), "queued": .count(worker.queued), "joined": .moment(worker.joined),
      "lastHeard": .moment(worker.lastHeard),
      "silentSeconds": .seconds(max(0, now.seconds(since: worker.lastHeard))),
      "tasksDone": .count(worker.done), "tasksFailed": .count(worker.failed),
    ]
    object.merge(worker.metrics.members) { own, _ in own }
    if case .excluded(let until, let reason) = worker.condition {
      object["excludedUntil"] = .moment(until)
      object["reason"] = .string(reason)
    }
    return .object(object)
  }

  private func json(_ worker: FormerWorker) -> JSONValue {
    [
      "id": .string(worker.id.description), "name": .string(worker.name), "left": .moment(worker.left),
      "reason": .string(worker.reason), "orderly": .bool(worker.isOrderly),
    ]
  }

  /// Problems that need attention, worst first.
  private func problems(now: Moment) -> [JSONValue] {
    var found: [JSONValue] = []
    func add(_ level: String, at: Moment? = nil, _ text: String) {
      found.append(["level": .string(level), "at": .moment(at), "text": .string(text)])
    }
    let active = jobs.values.filter { $0.record.state == .running }
    if workers.isEmpty, !active.isEmpty {
      add("error", "No worker is there, and \(Quantity.count(active.count, "job")) cannot go on.")
    }
    for former in former.reversed() where !former.isOrderly && now.seconds(since: former.left) < 600 {
      add("error", at: former.left, "Worker \(former.name) was lost: \(former.reason)")
    }
    for id in workerList {
      guard let worker = workers[id] else { continue }
      switch worker.condition {
      case .excluded(let until, let reason):
        add("warning", at: until, "Worker \(worker.info.name) gets no tasks for a while: \(reason)")
      case .quiet: add("warning", "Worker \(worker.info.name) has not been heard of for some seconds")
      case .ready, .draining: break
      }
    }
    if totals.droppedEvents > 0 {
      add(
        "warning",
        "\(Quantity.count(totals.droppedEvents)) events came too fast to be shown: counts of attempts are too small"
      )
    }
    return found
  }
}

extension WorkerCondition {
  package var word: String {
    switch self {
    case .ready: "ready"
    case .quiet: "quiet"
    case .draining: "draining"
    case .excluded: "excluded"
    }
  }
}

extension ClusterTotals {
  package var json: JSONValue {
    let members: [String: JSONValue] = [
      "jobsSubmitted": .count(jobsSubmitted), "workersJoined": .count(workersJoined),
      "workersLost": .count(workersLost), "exclusions": .count(exclusions),
      "speculativeAttempts": .count(speculativeAttempts),
      "droppedEvents": .count(droppedEvents), "attempts": .object(attempts.mapValues { .count($0) }),
    ]
    return .object(members.merging(metrics.members) { own, _ in own })
  }
}
