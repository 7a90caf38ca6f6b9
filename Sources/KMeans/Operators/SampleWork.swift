import Basics
import Engine

/// Builds the matrix and sends a uniform sample of its points to the driver.
package struct SampleWork: MatrixWork {
  package static let operatorName = "kmeans.sample"

  package struct Result: WireCodable {
    package var totalSquares: Double
    package var points: PointList

    package init(totalSquares: Double, points: PointList) {
      self.totalSquares = totalSquares
      self.points = points
    }

    package init(from reader: inout ByteReader) throws(WireError) {
      self.init(totalSquares: try reader.double(), points: try reader.value())
    }

    package func encode(to writer: inout ByteWriter) {
      writer.double(totalSquares)
      writer.value(points)
    }
  }

  package var seed: UInt64
  /// A row is sent if its random bits are at most this value, so the sample does not depend on how rows are spread over files;
  /// nil for no rows.
  package var threshold: UInt64?
  /// A row that is always sent.
  package var row: Int?

  package init(seed: UInt64, threshold: UInt64?, row: Int?) {
    self.seed = seed
    self.threshold = threshold
    self.row = row
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    seed = try reader.integer()
    threshold = try reader.bool() ? try reader.integer() : nil
    row = try reader.bool() ? try reader.count() : nil
  }

  package func encode(to writer: inout ByteWriter) {
    writer.integer(seed)
    writer.bool(threshold != nil)
    if let threshold { writer.integer(threshold) }
    writer.bool(row != nil)
    if let row { writer.count(row) }
  }

  package func run(_ matrix: PointMatrix, _ shard: ShardInput, _ task: any TaskContext) throws -> Result {
    var points = PointList()
    for index in 0..<matrix.rows {
      let row = shard.firstRow + index
      let bits = CounterRandom.bits(seed: seed, stream: RandomStream.sample, index: UInt64(row))
      if let threshold, bits <= threshold {
        points.append(index, of: matrix, firstRow: shard.firstRow)
      } else if row == self.row {
        points.append(index, of: matrix, firstRow: shard.firstRow)
      }
    }
    return Result(totalSquares: matrix.totalSquares, points: points)
  }
}
