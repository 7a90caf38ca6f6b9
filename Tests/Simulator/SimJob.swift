import Engine
import Wire

/// A small random DAG of stages. The value of a task is a pure function of its stage, its partition and what it reads, so the
/// correct results are known without running anything.
struct SimGraph {
  struct Stage {
    var tasks: Int
    /// Number of shuffle partitions; nil for the last stage.
    var width: Int?
    var upstream: [Int]
    var isKeyed: Bool
  }

  let salt: UInt64
  let stages: [Stage]
  /// Tasks that end every process in which they run.
  let poison: Set<TaskKey>
  /// Bytes added to parameters, inputs and results, to test message limits.
  let padding: Padding

  struct Padding {
    var parameters = 0
    var input = 0
    var result = 0
  }

  struct TaskKey: Hashable {
    let stage: Int
    let partition: Int
  }

  /// - Parameter maxPadding: In bytes; half of the graphs have padding.
  init(_ dice: inout Dice, poison chance: Double = 0, poisons: Int = 1, maxPadding: Int = 0) {
    salt = dice.next()
    var padding = Padding()
    if maxPadding > 0 {
      // Uses separate dice, so that everything else stays the same for each seed.
      var dice = Dice(seed: salt)
      if dice.chance(0.2) { padding.parameters = dice.pick(0...maxPadding) }
      if dice.chance(0.2) { padding.input = dice.pick(0...maxPadding) }
      if dice.chance(0.2) { padding.result = dice.pick(0...maxPadding) }
    }
    self.padding = padding
    var stages: [Stage] = []
    let count = dice.pick(1...4)
    let widths = (0..<2).map { _ in dice.chance(0.05) ? 0 : dice.pick(1...6) }
    for index in 0..<count {
      var stage = Stage(
        tasks: dice.chance(0.05) ? 0 : dice.pick(1...10), width: dice.element(of: widths), upstream: [],
        isKeyed: dice.chance(0.4))
      if index == count - 1 { stage.width = nil }
      if index > 0, index == count - 1 || dice.chance(0.8), let first = dice.element(of: Array(0..<index)),
        let width = stages[first].width
      {
        stage.tasks = width
        stage.upstream = (0..<index).filter { stages[$0].width == width && ($0 == first || dice.chance(0.6)) }
        stage.isKeyed = false
      }
      stages.append(stage)
    }
    self.stages = stages
    var poison: Set<TaskKey> = []
    if dice.chance(chance) {
      for _ in 0..<dice.pick(1...poisons) {
        let stage = dice.pick(0...stages.count - 1)
        guard stages[stage].tasks > 0 else { continue }
        poison.insert(TaskKey(stage: stage, partition: dice.pick(0...stages[stage].tasks - 1)))
      }
    }
    self.poison = poison
  }

  /// What the operator of a task computes from the blocks that it read, in order.
  func value(stage: Int, partition: Int, blocks: [UInt64]) -> UInt64 {
    blocks.reduce(mix(salt, UInt64(stage), UInt64(partition))) { mix($0, $1) }
  }

  static func block(of value: UInt64, partition: Int) -> UInt64 { mix(value, UInt64(partition)) }

  /// The expected results, computed sequentially.
  func expected() -> [UInt64] {
    var values: [[UInt64]] = []
    for (index, stage) in stages.enumerated() {
      values.append(
        (0..<stage.tasks).map { partition in
          let blocks = stage.upstream.flatMap {
            values[$0].map { SimGraph.block(of: $0, partition: partition) }
          }
          return value(stage: index, partition: partition, blocks: blocks)
        })
    }
    return values.last ?? []
  }

  func graph(job: Int, number: Int) -> StageGraph {
    StageGraph(
      stages.enumerated().map { index, stage in
        StageSpec(
          name: "g\(number)s\(index)", operatorName: "op",
          parameters: [UInt8(job), UInt8(number), UInt8(index)]
            + [UInt8](repeating: 0, count: padding.parameters),
          tasks: (0..<stage.tasks).map {
            TaskSpec(
              input: [UInt8($0)] + [UInt8](repeating: 0, count: padding.input),
              cacheKey: stage.isKeyed ? "data/\($0)" : nil)
          },
          shufflePartitions: stage.width, upstream: stage.upstream)
      })
  }
}

/// A job's program: a sequence of graphs, then the end.
struct SimJob {
  let id: JobID
  let graphs: [SimGraph]
  /// Index of the graph that runs or is submitted next.
  var current = 0
  var isRunning = false
  var isCancelled = false
  var isOver = false
}

/// The result of an attempt at the last stage: its value and the attempt that produced it.
extension SimGraph {
  func encode(_ value: UInt64, attempt: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) } + [UInt8(clamping: attempt)]
      + [UInt8](repeating: 0, count: padding.result)
  }

  static func decode(_ payload: [UInt8]) -> (value: UInt64, attempt: Int)? {
    guard payload.count >= 9 else { return nil }
    return (payload.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }, Int(payload[8]))
  }
}
