import Foundation
import Simulator

let usage = """
  usage: simulate --seeds N [--from SEED] [--jobs K] [--quiet]
         simulate --seed SEED [--all]

  Plays schedules of the scheduler and the workers on a virtual clock (docs/simulator.md).
    --seeds N     plays N schedules, each from its seed, and stops at the first that breaks a rule
    --from SEED   the first seed (0)
    --jobs K      threads (one a core)
    --quiet       on success nothing; on failure one line: the number of schedules, a tab, the broken rule
    --seed SEED   plays one schedule and prints its trace; of a broken rule, that of the tasks involved
    --all         the whole trace

  """

func number(_ name: String, _ arguments: inout [String]) -> UInt64? {
  guard let index = arguments.firstIndex(of: name) else { return nil }
  guard index + 1 < arguments.count, let value = UInt64(arguments[index + 1]), value <= 1 << 62 else {
    write("simulate: \(name) needs a number\n\(usage)", to: .standardError)
    exit(2)
  }
  arguments.removeSubrange(index...(index + 1))
  return value
}

func flag(_ name: String, _ arguments: inout [String]) -> Bool {
  guard let index = arguments.firstIndex(of: name) else { return false }
  arguments.remove(at: index)
  return true
}

/// Plays one schedule again and prints its trace.
func replay(_ seed: UInt64, all: Bool) -> Bool {
  let simulation = Simulation(seed: seed, isRecording: true)
  let violations = simulation.run()
  let isWhole = all || violations.isEmpty
  let lines = isWhole ? simulation.trace.everything : simulation.trace.about(violations.flatMap(\.about))
  for violation in violations {
    print("seed \(seed) breaks '\(violation.invariant.rawValue)': \(violation.text)")
  }
  if !violations.isEmpty { print("\nThe trace of what it is about:") }
  print(lines.joined(separator: "\n"))
  return violations.isEmpty
}

func summary(_ outcome: Play.Outcome) -> String {
  let counts = outcome.counts
  var lines = Counts.Fault.allCases.map { fault in
    let number = String(counts[fault])
    return String(repeating: " ", count: max(0, 12 - number.utf8.count)) + number + "  " + fault.rawValue
  }
  lines.append(
    "\(counts.mostKilled) workers at most died of one task (seed \(counts.mostKilledBy)); "
      + "\(counts.innocents) innocent tasks were found guilty")
  lines.append(
    "\(outcome.played) schedules: \(counts.steps) steps, \(counts.launches) attempts, \(counts.graphs) graphs, "
      + "\(counts.failedGraphs) of them failed or cancelled")
  return lines.joined(separator: "\n")
}

var arguments = Array(CommandLine.arguments.dropFirst())
if arguments.contains("--help") {
  print(usage, terminator: "")
  exit(0)
}
let all = flag("--all", &arguments)
let quiet = flag("--quiet", &arguments)
let seed = number("--seed", &arguments)
let seeds = number("--seeds", &arguments)
let from = number("--from", &arguments) ?? 0
let cores = ProcessInfo.processInfo.activeProcessorCount
let threads = number("--jobs", &arguments).map { Int(clamping: min(max($0, 1), 1024)) } ?? cores
guard arguments.isEmpty, (seed == nil) != (seeds == nil) else {
  write(usage, to: .standardError)
  exit(2)
}
if let seed { exit(replay(seed, all: all) ? 0 : 1) }

let outcome = Play(from: from, seeds: Int(seeds ?? 0), jobs: threads, isQuiet: quiet).run()
if quiet {
  guard let failing = outcome.failing else { exit(0) }
  let broken = Simulation(seed: failing).run().first?.invariant.rawValue ?? ""
  print("\(failing - from + 1)\t\(broken)")
  exit(1)
}
print(summary(outcome))
if let failing = outcome.failing {
  print("\nseed \(failing) fails; ./scripts/simulate --seed \(failing) replays it\n")
  _ = replay(failing, all: false)
  exit(1)
}
print("all \(outcome.played) schedules are clean, from seed \(from)")
