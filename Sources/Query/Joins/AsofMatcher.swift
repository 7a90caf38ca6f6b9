import Columns
import Shuffle

/// Finds, for each left row, the right row of the same key with the largest order value that is not above the left's.
struct AsofMatcher {
  private let left: Evaluator
  private var encoder: KeyEncoder
  private let leftBuffer = KeyBuffer()
  private let rightBuffer = KeyBuffer()

  init(_ key: Join.Key, _ right: ColumnBatch, _ session: SessionContext) throws {
    left = try Evaluator(key.left, session: session)
    encoder = KeyEncoder([KeyEncoder.Part(key.right.type)], isOrdered: true)
    let column = try Evaluator(key.right, session: session).column(right)
    encoder.encode([column], rows: right.rows, into: rightBuffer)
  }

  func pairs(_ batch: ColumnBatch, _ keys: KeyBuffer, _ build: BuildSide) throws -> JoinPairs {
    let column = try left.column(batch)
    var encoder = encoder
    encoder.encode([column], rows: batch.rows, into: leftBuffer)
    var pairs = JoinPairs()
    for row in 0..<batch.rows {
      var best = -1
      if !column.isNull(row), !(keys.hasNull.map { $0[row] } ?? false) {
        var right = build.firstRow(keys[row])
        while right >= 0 {
          if !(rightBuffer.hasNull.map { $0[right] } ?? false),
            ByteOrder.compare(rightBuffer[right], leftBuffer[row]) <= 0,
            best < 0 || ByteOrder.compare(rightBuffer[right], rightBuffer[best]) > 0
          {
            best = right
          }
          right = build.row(after: right)
        }
      }
      pairs.append(row, best)
    }
    return pairs
  }
}
