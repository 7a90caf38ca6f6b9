import Basics
import Telemetry
import Wire

/// The metrics of a driver: docs/driver.md has the list.
extension ClusterView {
  func metrics(_ text: inout MetricsText, running: Int, waiting: Int, now: Moment) {
    text.addBuild()
    text.gauge(
      "swiftlet_driver_start_time_seconds", "When the driver started, in seconds since 1970.",
      Double(driver.started.microseconds) / 1e6)
    let list = workerList.compactMap { workers[$0] }
    let states = ["ready", "quiet", "draining", "excluded"]
    text.add(
      "swiftlet_workers", "gauge", "Workers that are joined, by their state.",
      states.map { state in ([("state", state)], Double(list.count { $0.condition.word == state })) })
    text.gauge(
      "swiftlet_slots", "Executor slots of all workers.", Double(list.reduce(0) { $0 + $1.info.slots }))
    text.gauge(
      "swiftlet_slots_busy", "Executor slots in which an attempt runs.",
      Double(list.reduce(0) { $0 + $1.running }))
    text.gauge(
      "swiftlet_worker_memory_bytes", "Memory that the workers may take, together.",
      Double(list.reduce(0) { $0 + $1.info.memory }))
    text.add(
      "swiftlet_worker_last_heartbeat_timestamp_seconds", "gauge", "When a worker was last heard of.",
      list.map { ([("worker", $0.info.name)], Double($0.lastHeard.microseconds) / 1e6) })
    text.gauge(
      "swiftlet_tasks_queued", "Tasks that could run and wait for a slot.",
      Double(jobs.values.reduce(0) { $0 + $1.queuedTasks }))
    text.gauge(
      "swiftlet_tasks_running", "Tasks that workers have.",
      Double(jobs.values.reduce(0) { $0 + $1.runningTasks }))
    text.add(
      "swiftlet_jobs", "gauge", "Jobs that have not ended, by their state.",
      [([("state", "queued")], Double(waiting)), ([("state", "running")], Double(running))])
    totals.metrics(&text)
  }
}

extension ClusterTotals {
  func metrics(_ text: inout MetricsText) {
    text.counter("swiftlet_workers_joined_total", "Workers that have joined.", Double(workersJoined))
    text.counter(
      "swiftlet_workers_lost_total", "Workers that have gone without having been asked to.",
      Double(workersLost))
    text.counter("swiftlet_worker_exclusions_total", "Times that a worker was left out.", Double(exclusions))
    text.counter("swiftlet_jobs_submitted_total", "Jobs that were accepted.", Double(jobsSubmitted))
    text.add(
      "swiftlet_jobs_finished_total", "counter", "Jobs that have ended, by how.",
      [JobRecord.State.done, .failed, .cancelled].map { ([("outcome", $0.rawValue)], Double(jobs[$0] ?? 0)) })
    text.histogram("swiftlet_job_duration_seconds", "From a job's begin to its end.", [([], jobSeconds)])
    text.histogram(
      "swiftlet_step_duration_seconds", "Times of steps that ran, by their type.",
      stepSeconds.sorted { $0.key < $1.key }.map { ([("type", $0.key)], $0.value) })
    text.add(
      "swiftlet_task_attempts_total", "counter", "Task attempts that have ended, by how.",
      attempts.sorted { $0.key < $1.key }.map { ([("outcome", $0.key)], Double($0.value)) })
    text.counter(
      "swiftlet_speculative_attempts_total", "Second attempts at slow tasks.", Double(speculativeAttempts))
    text.histogram("swiftlet_task_duration_seconds", "Times of attempts that succeeded.", [([], taskSeconds)])
    for counter in TaskCounter.allCases {
      let declaration = counter.declaration
      if let name = declaration.metric { text.counter(name, declaration.help, Double(metrics[counter])) }
    }
    text.counter(
      "swiftlet_events_dropped_total", "Events that came too fast to be counted here.", Double(droppedEvents))
  }
}
