import Engine
import Wire

/// Trace output of driver and workers, with one line for each task concerned.
extension Simulation {
  private func name(_ worker: WorkerID) -> String {
    connections[worker].map { "\(worker) (p\($0.process))" } ?? "\(worker)"
  }

  private func about(_ worker: WorkerID) -> [Subject] {
    connections[worker].map { [.process($0.process)] } ?? []
  }

  func note(_ event: SchedulerEvent) {
    guard isRecording else { return }
    switch event {
    case .workerJoined(let worker, let info):
      tell("driver", "\(name(worker)) joins with \(info.slots) slots", about(worker))
    case .workerLost(let worker, let departure):
      tell("driver", "\(name(worker)) is lost: \(departure)", about(worker))
    case .message(let worker, .reports(let reports)):
      for report in reports {
        tell(
          "driver", "hears from \(name(worker)): \(report.attempt) \(Simulation.describe(report.outcome))",
          [.task(report.attempt.task)] + about(worker) + Simulation.lost(report.outcome))
      }
    case .message(let worker, .draining): tell("driver", "\(name(worker)) wants to leave", about(worker))
    case .message, .tick, .heard, .unsent: break
    case .fail(let job, let message): tell("job", "\(job) is made to fail: \(message)", [.job(job)])
    case .submit(let job, let graph):
      let stages = graph.stages.map { stage in
        let reads = stage.upstream.map(String.init).joined(separator: "+")
        return "\(stage.tasks.count) tasks\(reads.isEmpty ? "" : " reading stage \(reads)")"
      }
      tell("job", "\(job) submits \(stages.joined(separator: ", "))", [.job(job)])
    case .cancel(let job): tell("job", "\(job) is cancelled", [.job(job)])
    case .dropCache(let job, let prefix): tell("job", "\(job) drops its cache of '\(prefix)'", [.job(job)])
    case .release(let job): tell("job", "\(job) is released", [.job(job)])
    }
  }

  func note(_ action: SchedulerAction) {
    guard isRecording else { return }
    switch action {
    case .send(let worker, .launch(let batch)):
      for source in batch.locations {
        let locations = source.owners.indices.map {
          "\($0).\(source.attempts[$0])@\(source.endpoints[Int(source.owners[$0])])"
        }
        tell(
          "driver", "tells \(name(worker)) where \(source.stage) is: \(locations.joined(separator: " "))",
          source.owners.indices.map { .task(TaskID(stage: source.stage, partition: $0)) } + about(worker))
      }
      for launch in batch.tasks {
        tell(
          "driver", "launches \(launch.attempt) on \(name(worker))",
          [.task(launch.attempt.task)] + about(worker))
      }
    case .send(let worker, .cancel(let attempts)):
      for attempt in attempts {
        tell("driver", "cancels \(attempt) on \(name(worker))", [.task(attempt.task)] + about(worker))
      }
    case .send(let worker, .release(let stages)):
      tell(
        "driver", "tells \(name(worker)) to forget \(stages)",
        about(worker) + stages.map { .job($0.job) })
    case .send(let worker, .goodbye): tell("driver", "\(name(worker)) may leave", about(worker))
    case .send(let worker, .dropCache(let job, let prefix)):
      tell(
        "driver", "tells \(name(worker)) to drop the cache '\(prefix)' of \(job)", about(worker) + [.job(job)]
      )
    case .send: break
    case .disconnect(let worker, let departure):
      tell("driver", "disconnects \(name(worker)): \(departure)", about(worker))
    case .notice(let job, let text): tell("notice", "\(job): \(text)", [.job(job)])
    case .finished(let job, let result, _):
      switch result {
      case .success: tell("driver", "\(job) has its results", [.job(job)])
      case .failure(let failure): tell("driver", "\(job) ends: \(failure)", [.job(job)])
      }
    }
  }

  static func describe(_ outcome: TaskReport.Outcome) -> String {
    switch outcome {
    case .success: "is done"
    case .failure(.cancelled): "has stopped"
    case .failure(.transient(let text)): "failed: \(text)"
    case .failure(.fatal(let text)): "failed for good: \(text)"
    case .failure(.badInput(_, let text)): "has bad input: \(text)"
    case .failure(.lostMapOutput(let output, let text)): "could not fetch \(output): \(text)"
    }
  }

  private static func lost(_ outcome: TaskReport.Outcome) -> [Subject] {
    if case .failure(.lostMapOutput(let output, _)) = outcome { [.task(output.task)] } else { [] }
  }
}
