import KMeans
import Testing

@Suite struct KMeansLloydTests {
  func points(_ rows: [[Double]]) -> LocalPoints {
    LocalPoints(PointMatrix(points: rows.flatMap { $0.map(Float.init) }, dimensions: rows[0].count))
  }

  @Test func findsTheMeans() throws {
    let data = points([[0], [2], [10], [14]])
    let fit = try Lloyd(maxIterations: 100, shiftTolerance: 0).run(
      [Centroids([[0], [2]], dimensions: 1)], on: data)[0]
    #expect(fit.centroids.values == [1, 12])
    #expect(fit.converged)
    #expect(fit.cost == 10)
  }

  @Test func stopsAtTheLimit() throws {
    let data = points([[0], [2], [10], [14]])
    let fit = try Lloyd(maxIterations: 1, shiftTolerance: 0).run(
      [Centroids([[0], [2]], dimensions: 1)], on: data)[0]
    #expect(fit.iterations == 1 && !fit.converged)
  }

  /// The second centroid is nearest to nothing: it takes the farthest point, which its old cluster gives up.
  @Test func reseedsAnEmptyCluster() throws {
    let data = points([[0], [1], [2], [100]])
    let start = Centroids([[0], [1e6]], dimensions: 1)
    let first = try Lloyd(maxIterations: 1, shiftTolerance: 0).run([start], on: data)[0]
    #expect(first.centroids.values == [1, 100])
    let end = try Lloyd(maxIterations: 100, shiftTolerance: 0).run([start], on: data)[0]
    #expect(end.centroids.values == [1, 100])
    #expect(end.converged)
  }

  @Test func reseedsSeveralAndLeavesNoneBehind() throws {
    let data = points((0..<10).map { [Double($0 * $0)] })
    let start = Centroids([[Double]](repeating: [5], count: 10), dimensions: 1)
    let fit = try Lloyd(maxIterations: 100, shiftTolerance: 0).run([start], on: data)[0]
    #expect(fit.converged)
    #expect(try Evaluation(data.matrix, fit.centroids).cost == 0)
  }

  @Test func endsWithFewerDistinctPointsThanClusters() throws {
    let data = points([[Double]](repeating: [3, 4], count: 20) + [[1, 1]])
    let fit = try Lloyd(maxIterations: 100, shiftTolerance: 0)
      .run([Centroids([[3, 4], [3, 4], [3, 4], [3, 4]], dimensions: 2)], on: data)[0]
    #expect(fit.converged && fit.iterations < 5)
    #expect(try Evaluation(data.matrix, fit.centroids).sizes.filter { $0 > 0 } == [20, 1])
  }

  /// A weight of w is w equal points.
  @Test func weightsAreCopies() throws {
    var random = TestRandom(3)
    let rows = (0..<50).map { _ in [random.normal(), random.normal()] }
    let weights = rows.map { _ in Double(1 + random.below(4)) }
    let copies = zip(rows, weights).flatMap { [[Double]](repeating: $0, count: Int($1)) }
    let weighted = LocalPoints(points(rows).matrix, weights: weights)
    let start = Centroids([rows[0], rows[1], rows[2]], dimensions: 2)
    let lloyd = Lloyd(maxIterations: 100, shiftTolerance: 0)
    let a = try lloyd.run([start], on: weighted)[0]
    let b = try lloyd.run([start], on: points(copies))[0]
    #expect(a.iterations == b.iterations)
    for (x, y) in zip(a.centroids.values, b.centroids.values) { #expect(abs(x - y) < 1e-12) }
  }

  /// Starts that run together end where they end alone, and a hopeless one is given up.
  @Test func severalStartsInTheSamePasses() throws {
    let data = points(KMeansFixture.blobs([[0, 0], [9, 0], [0, 9], [9, 9]], count: 50))
    let good = Centroids([[1, 1], [8, 1], [1, 8], [8, 8]], dimensions: 2)
    let other = Centroids([[2, 0], [7, 0], [0, 7], [7, 7]], dimensions: 2)
    let bad = Centroids([[0, 0], [0.1, 0], [9, 0], [5, 9]], dimensions: 2)
    let lloyd = Lloyd(maxIterations: 100, shiftTolerance: 0)
    let alone = try lloyd.run([good], on: data)[0]
    let together = try lloyd.run([good, other], on: data, race: false)
    #expect(together[0] == alone)
    #expect(together.count == 2)
    var forever = Lloyd(maxIterations: 100, shiftTolerance: -1)
    forever.passesBeforeRace = 3
    forever.maxIterations = 10
    let raced = try forever.run([bad, good], on: data)
    #expect(raced.count == 1)
    #expect(raced[0].centroids == alone.centroids)
  }

  @Test func seedingChoosesDistinctPoints() throws {
    let rows = [[Double]](repeating: [1, 1], count: 30) + [[2, 2], [3, 3]]
    let matrix = points(rows).matrix
    for stream in 0..<20 {
      let seeding = Seeding(seed: 1, stream: UInt64(stream))
      let chosen = try seeding.rows(of: matrix, weights: nil, count: 5)
      #expect(Set(chosen.map { matrix.row($0) }) == [[1, 1], [2, 2], [3, 3]])
      #expect(chosen.count == 3)
      #expect(try chosen == seeding.rows(of: matrix, weights: nil, count: 5))
      // A point without weight is never chosen.
      let light = try seeding.rows(of: matrix, weights: rows.map { $0 == [2, 2] ? 0 : 1 }, count: 5)
      #expect(Set(light.map { matrix.row($0) }) == [[1, 1], [3, 3]])
    }
  }
}
