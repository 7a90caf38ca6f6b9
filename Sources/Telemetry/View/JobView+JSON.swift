import Basics
import Wire

/// The document that a job's page is drawn from. Not part of the API: page and driver come from the same build.
extension JobView {
  package func pageJSON(workers present: [WorkerID: WorkerView], now: Moment) -> JSONValue {
    var object = record.summaryJSON
    object["digest"] = .string(record.digest)
    object["steps"] = .array(record.steps.map(\.pageJSON))
    object["stages"] = .array(groups.enumerated().map { index, group in group.json(index, now: now) })
    object["timeline"] = timelineJSON
    object["problems"] = .array(problems.reversed().map(json))
    object["attempts"] = [
      "failed": .count(failedAttempts), "lost": .count(lostAttempts), "cancelled": .count(cancelledAttempts),
    ]
    object["queuedTasks"] = .count(queuedTasks)
    object["runningTasks"] = .count(runningTasks)
    object["lines"] = record.linesJSON["lines"] ?? []
    object["omittedLines"] = .count(record.omittedLines)
    object["now"] = .string(now.text)
    return .object(object)
  }

  private func json(_ problem: Problem) -> JSONValue {
    [
      "at": .string(problem.at.text), "stage": .string(problem.stage), "partition": .count(problem.partition),
      "attempt": .count(problem.attempt + 1), "worker": .string(name(problem.worker)),
      "kind": .string(problem.kind), "message": .string(problem.message),
    ]
  }

  private func name(_ worker: WorkerID) -> String { workers[worker]?.name ?? worker.description }

  /// Two characters per cell: load (0 to 9) and stage (0 to z); spaces if nothing ran. Failures are `[column, count]`.
  private var timelineJSON: JSONValue {
    let lanes = timeline.lanes.map { lane -> JSONValue in
      let slots = lane.worker.flatMap { workers[$0]?.slots } ?? 1
      var text = ""
      var failed: [JSONValue] = []
      var last = 0
      for (column, cell) in lane.cells.enumerated() {
        if cell.failed > 0 { failed.append([.count(column), .count(Int(cell.failed))]) }
        guard cell.busy > 0 else {
          text += "  "
          continue
        }
        last = column + 1
        let share = Double(cell.busy) / Double(timeline.width * Int64(max(slots, 1)))
        text += "\(min(9, max(0, Int(share * 9.99))))" + String(max(0, min(35, Int(cell.group))), radix: 36)
      }
      return [
        "worker": .string(lane.worker.map(name) ?? "other workers"), "slots": .count(slots),
        "cells": .string(String(text.prefix(2 * last))), "failed": .array(failed),
      ]
    }
    return [
      "start": .moment(timeline.start), "columnSeconds": .number(Double(timeline.width) / 1e6),
      "columns": .count(Timeline.columns), "lanes": .array(lanes),
    ]
  }
}

extension StepRecord {
  fileprivate var pageJSON: JSONValue {
    var object: [String: JSONValue] = [
      "type": .string(type), "name": .string(name), "state": .string(state.rawValue),
      "seconds": seconds.map { .seconds($0) } ?? .null, "started": .moment(started),
    ]
    if let report {
      object["output"] = .string(report.output)
      object["skipped"] = .bool(report.skipped)
      object["text"] = .string(report.text)
    }
    return .object(object)
  }
}

extension StageGroup {
  func json(_ index: Int, now: Moment) -> JSONValue {
    let members: [String: JSONValue] = [
      "index": .count(index), "step": .count(step), "name": .string(name), "operator": .string(operatorName),
      "upstream": .array(upstream.map { .count($0) }), "feedsShuffle": .bool(feedsShuffle),
      "rounds": .count(rounds), "running": .bool(isRunning), "tasks": .count(tasks), "done": .count(done),
      "active": .count(isRunning ? numbers.running : 0), "failed": .count(failed), "lost": .count(lost),
      "speculativeAttempts": .count(speculativeAttempts), "seconds": .seconds(seconds),
      "taskSeconds": .seconds(Double(metrics.microseconds) / 1e6),
      "skew": skew.map { .number(($0 * 100).rounded() / 100) } ?? .null,
      "times": quantiles(times), "rows": quantiles(rows), "bytes": quantiles(bytes),
      "shuffled": quantiles(shuffled),
      "slowest": .array(
        slowest.map {
          [
            "partition": .count($0.partition), "attempt": .count($0.attempt + 1),
            "worker": .count($0.worker.number), "microseconds": .count($0.microseconds),
            "rows": .count($0.rows),
          ]
        }),
    ]
    return .object(members.merging(metrics.members) { own, _ in own })
  }

  /// Minimum, quartiles, 95th percentile and maximum; null if empty.
  private func quantiles(_ sketch: QuantileSketch) -> JSONValue {
    guard sketch.count > 0 else { return .null }
    return .array([0, 0.25, 0.5, 0.75, 0.95, 1].map { .count(sketch.quantile($0) ?? 0) })
  }
}
