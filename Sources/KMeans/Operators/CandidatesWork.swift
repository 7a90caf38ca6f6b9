import Basics
import Engine
import Wire

/// One round of k-means‖ (Bahmani et al. 2012): every point becomes a candidate with a probability that is proportional to its squared
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
      cost = try reader.double()
      points = try reader.value()
    }

    package func encode(to writer: inout ByteWriter) {
      writer.double(cost)
      writer.value(points)
    }
  }

  package var candidates: Centres
  package var seed: UInt64
  package var round: Int
  /// Expected number of points that a round chooses.
  package var expected: Double

  package init(candidates: Centres, seed: UInt64, round: Int, expected: Double) {
    self.candidates = candidates
    self.seed = seed
    self.round = round
    self.expected = expected
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    candidates = try reader.value()
    seed = try reader.integer()
    round = try reader.count()
    expected = try reader.double()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.value(candidates)
    writer.integer(seed)
    writer.count(round)
    writer.double(expected)
  }

  /// Whether a point is chosen when the distances of all points sum to `cost`.
  package func chooses(row: Int, distance: Double, cost: Double) -> Bool {
    let draw = CounterRandom.uniform(
      seed: seed, stream: RandomStream.candidates(round: round), index: UInt64(row))
    return distance > 0 && draw * cost < expected * distance
  }

  /// A task knows its own cost only. Against that no fewer points are chosen than against the whole, so the driver has what
  /// it needs in one pass, and about `expected` points a task travel.
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
  /// Centres came over the wire; the kernels trust their shape.
  func expect(_ centres: Centres) throws {
    guard centres.dimensions == dimensions, centres.count > 0 else {
      throw TaskFailure.fatal(
        "\(centres.count) centres of \(centres.dimensions) columns for \(dimensions) columns")
    }
  }
}
