import KMeans
import Testing

/// Passes that keep bounds against those that know nothing; equal to the bit.
@Suite struct KMeansBoundsTests {
  /// Passes that begin with what the one before has found: whatever the centroids do between them, and whatever the scale. The shapes
  /// have few and many open points in a block, and one, some and many vectors of centroids.
  @Test(
    arguments: [(1.0, 0.0), (1e-25, 0), (1e12, 0), (1, 1000), (0, 5)],
    [(33, 70, 900), (16, 8, 1000), (2, 3, 500), (7, 40, 333), (32, 100, 2500), (1, 2, 31)])
  func boundsChangeNothing(_ scale: (by: Double, offset: Double), _ shape: (Int, Int, Int)) throws {
    let (dimensions, clusters, rows) = shape
    var state: UInt64 = 3
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53 - 0.5
    }
    let middles = (0..<clusters * dimensions).map { _ in random() * 4 }
    let points = (0..<rows * dimensions).map { index in
      let cluster = index / dimensions % (clusters + 5) % clusters
      return Float((middles[cluster * dimensions + index % dimensions] + random()) * scale.by + scale.offset)
    }
    let matrix = PointMatrix(points: points, dimensions: dimensions)
    var centroids = Centroids(
      count: clusters, dimensions: dimensions,
      values: (0..<clusters * dimensions).map { Double(points[$0]) })
    for pass in 0..<14 {
      let reference = KMeansKernelTests.Reference(points, centroids)
      #expect(try matrix.sumsWithBounds(centroids) == reference.sums, "pass \(pass)")
      // Nothing may be left of a pass that was stopped; and another start may come in between.
      if pass == 5 {
        struct Stopped: Error {}
        #expect(throws: Stopped.self) { try matrix.sumsWithBounds(centroids) { throw Stopped() } }
      }
      if pass == 9 { centroids.values.reverse() }
      for cluster in 0..<clusters where reference.sums.weights[cluster] > 0 {
        for index in cluster * dimensions..<(cluster + 1) * dimensions {
          centroids.values[index] = reference.sums.sums[index] / reference.sums.weights[cluster]
        }
      }
    }
  }

  /// A gate on work, which no time could be: passes leave out the points that their bounds decide.
  @Test(arguments: [(16, 8), (32, 100), (3, 5)]) func latePassesLookAtFewPoints(
    _ dimensions: Int, _ clusters: Int
  ) throws {
    var random = TestRandom(11)
    let rows = 20_000
    let middles = (0..<clusters * dimensions).map { _ in random.normal() * 4 }
    let points = (0..<rows * dimensions).map { index in
      Float(middles[index / dimensions % clusters * dimensions + index % dimensions] + random.normal())
    }
    let matrix = PointMatrix(points: points, dimensions: dimensions)
    var centroids = Centroids(
      count: clusters, dimensions: dimensions, values: middles.map { $0 + random.normal() * 0.1 })
    #expect(matrix.lookedAt == nil)
    for pass in 0..<6 {
      let sums = try matrix.sumsWithBounds(centroids)
      if pass == 0 { #expect(matrix.lookedAt == rows) }
      for index in centroids.values.indices {
        let weight = sums.weights[index / dimensions]
        if weight > 0 { centroids.values[index] = sums.sums[index] / weight }
      }
    }
    #expect(try #require(matrix.lookedAt) < rows / 20)
    _ = try matrix.sumsWithBounds(centroids)
    // Nothing has moved, so nothing is to be found out.
    _ = try matrix.sumsWithBounds(centroids)
    #expect(try #require(matrix.lookedAt) < rows / 1000)
  }

  /// Shapes, scales and moves of centroids at random: on their way to means, a little, not at all, and two that change places; some
  /// points half-way between two centroids.
  @Test(arguments: 0..<40) func boundsChangeNothingInRandomCases(_ seed: Int) throws {
    var random = TestRandom(UInt64(1000 + seed))
    let dimensions = 1 + random.below(40)
    let clusters = 1 + random.below(seed % 2 == 0 ? 8 : 100)
    let rows = 1 + random.below(1200)
    let scale = seed % 3 == 0 ? [1e-25, 1e-6, 1e6, 1e12][random.below(4)] : 1
    let spread = [0.003, 0.1, 1][random.below(3)]
    let offset = seed % 4 == 0 ? scale * 1000 : 0
    let middles = (0..<clusters).map { _ in (0..<dimensions).map { _ in offset + scale * random.normal() } }
    let points = (0..<rows).map { _ in
      let (a, b) = (middles[random.below(clusters)], middles[random.below(clusters)])
      return random.uniform() < 0.1
        ? zip(a, b).map { Float(($0 + $1) / 2) } : a.map { Float($0 + scale * spread * random.normal()) }
    }
    let matrix = PointMatrix(points: points.flatMap { $0 }, dimensions: dimensions)
    var centroids = Centroids(
      (0..<clusters).map { _ in points[random.below(rows)].map(Double.init) }, dimensions: dimensions)
    for pass in 0..<12 {
      let sums = try matrix.sums(centroids)
      #expect(try matrix.sumsWithBounds(centroids) == sums, "pass \(pass)")
      let move = random.uniform()
      for index in centroids.values.indices {
        let weight = sums.weights[index / dimensions]
        if move < 0.6, weight > 0 {
          centroids.values[index] = sums.sums[index] / weight
        } else if move < 0.8 {
          centroids.values[index] += scale * 1e-6 * random.normal()
        }
      }
      if move > 0.9 {
        let (a, b) = (random.below(clusters), random.below(clusters))
        for column in 0..<dimensions {
          centroids.values.swapAt(a * dimensions + column, b * dimensions + column)
        }
      }
    }
  }
}
