import Basics
import Engine
import Wire

/// One round of k-means‖ (Bahmani et al. 2012): every point becomes a candidate with a probability proportional to its squared
/// distance to the candidates so far.
package struct CandidatesWork: MatrixWork {
  package static let operatorName = "kmeans.candidates"

  package struct Result: WireCodable {
    /// Σ of squared distances.
    package var cost: Double
    package var points: PointList

    package init(cost: Double, points: PointList) {
      self.cost = cost
      self.points = points
    }

    package init(from reader: inout ByteReader) throws(WireError) {
      self.init(cost: try reader.double(), points: try reader.value())
    }

    package func encode(to writer: inout ByteWriter) {
      writer.double(cost)
      writer.value(points)
    }
  }

  package var candidates: Centroids
  package var seed: UInt64
  package var round: Int
  /// Expected number of points chosen per round.
  package var expected: Double

  package init(candidates: Centroids, seed: UInt64, round: Int, expected: Double) {
    self.candidates = candidates
    self.seed = seed
    self.round = round
    self.expected = expected
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      candidates: try reader.value(), seed: try reader.integer(), round: try reader.count(),
      expected: try reader.double())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.value(candidates)
    writer.integer(seed)
    writer.count(round)
    writer.double(expected)
  }

  /// Whether a point is chosen if the squared distances of all points sum to `cost`.
  package func chooses(row: Int, distance: Double, cost: Double) -> Bool {
    let draw = CounterRandom.uniform(
      seed: seed, stream: RandomStream.candidates(round: round), index: UInt64(row))
    return distance > 0 && draw * cost < expected * distance
  }

  /// A task knows only its own cost. It chooses at least the points that the total cost would choose, so the driver gets what
  /// it needs in one pass, and each task sends about `expected` points.
  package func run(_ matrix: PointMatrix, _ shard: ShardInput, _ task: any TaskContext) throws -> Result {
    try matrix.expect(candidates)
    let distances = try matrix.nearest(candidates, check: task.checkCancelled).distances
    let cost = distances.reduce(0, +)
    var points = PointList()
    for (index, distance) in distances.enumerated()
    where chooses(row: shard.firstRow + index, distance: distance, cost: cost) {
      points.append(index, of: matrix, firstRow: shard.firstRow, distance: distance)
    }
    return Result(cost: cost, points: points)
  }
}

extension PointMatrix {
  /// Centroids received over the wire are checked, because the kernels trust their shape.
  func expect(_ centroids: Centroids) throws {
    guard centroids.dimensions == dimensions, centroids.count > 0 else {
      throw TaskFailure.fatal(
        "\(centroids.count) centroids of \(centroids.dimensions) columns for \(dimensions) columns")
    }
  }
}
