import Columns
import Shuffle

/// Joins batches of the left side with a right side in memory. Pairs come in the order of the left rows, then of the right rows.
final class HashJoin: BatchConsumer {
  /// Pairs after which a batch is passed on.
  private static let chunk = 1 << 14

  private let join: JoinSource
  private let build: BuildSide
  private let output: JoinOutput
  private let leftKeys: [Evaluator]
  private let condition: Evaluator?
  private let asof: AsofMatcher?
  private var encoder: KeyEncoder
  private let buffer = KeyBuffer()
  private let next: any BatchConsumer

  init(_ join: JoinSource, right: ColumnBatch, _ session: SessionContext, _ next: any BatchConsumer) throws {
    self.join = join
    self.next = next
    let types = join.rightKeys.map(\.type)
    let keys = try join.rightKeys.map {
      try Evaluator($0, session: session).column(right)
    }
    build = try BuildSide(
      right, keys: keys, types: types, tracksMatches: join.kind == .right || join.kind == .full)
    output = JoinOutput(join, right)
    leftKeys = try join.leftKeys.map { try Evaluator($0, session: session) }
    condition = try join.condition.map { try Evaluator($0, session: session) }
    asof = try join.asof.map { try AsofMatcher($0, right, session) }
    encoder = KeyEncoder(types.map { KeyEncoder.Part($0) }, isOrdered: false)
  }

  var isDone: Bool { next.isDone && join.kind != .right && join.kind != .full }

  func consume(_ batch: ColumnBatch) throws {
    let keys = try leftKeys.map { try $0.column(batch) }
    encoder.encode(keys, rows: batch.rows, into: buffer)
    if let asof {
      let pairs = try asof.pairs(batch, buffer, build)
      return try next.consume(output.batch(batch, pairs))
    }
    var pairs = JoinPairs()
    var matched = [Bool](repeating: false, count: batch.rows)
    for row in 0..<batch.rows {
      let isNull = buffer.hasNull.map { $0[row] } ?? false
      var right = isNull ? -1 : build.firstRow(buffer[row])
      while right >= 0 {
        pairs.append(row, right)
        if pairs.count >= HashJoin.chunk { try flush(&pairs, batch, &matched, isEnd: false) }
        right = build.row(after: right)
      }
      pairs.end(row)
    }
    try flush(&pairs, batch, &matched, isEnd: true)
  }

  /// Checks the collected pairs against the condition and passes on what the kind of join makes of them.
  private func flush(
    _ pairs: inout JoinPairs, _ batch: ColumnBatch, _ matched: inout [Bool], isEnd: Bool
  ) throws {
    if let condition, pairs.count > 0 {
      let candidates = output.candidates(batch, pairs)
      pairs.keep(try condition.filter(candidates))
    }
    for (left, right) in zip(pairs.left, pairs.right) {
      matched[Int(left)] = true
      if !build.hasMatched.isEmpty { build.hasMatched[Int(right)] = true }
    }
    switch join.kind {
    case .inner, .right: break
    case .left, .full, .asof: pairs.addUnmatched(matched)
    case .semi: pairs = isEnd ? .leftRows((0..<batch.rows).filter { matched[$0] }) : JoinPairs()
    case .anti: pairs = isEnd ? .leftRows((0..<batch.rows).filter { !matched[$0] }) : JoinPairs()
    case .nullAwareAnti:
      pairs =
        isEnd
        ? .leftRows(
          (0..<batch.rows).filter { row in
            if build.batch.rows == 0 { return true }
            return !build.hasNullKey && !matched[row] && !(buffer.hasNull.map { $0[row] } ?? false)
          }) : JoinPairs()
    }
    if pairs.count > 0 { try next.consume(output.batch(batch, pairs)) }
    pairs.removeAll()
  }

  func finish() throws {
    if !build.hasMatched.isEmpty {
      let rows = (0..<build.batch.rows).filter { !build.hasMatched[$0] }
      for start in stride(from: 0, to: rows.count, by: HashJoin.chunk) {
        try next.consume(output.rightRows(Array(rows[start..<min(start + HashJoin.chunk, rows.count)])))
      }
    }
    try next.finish()
  }
}
