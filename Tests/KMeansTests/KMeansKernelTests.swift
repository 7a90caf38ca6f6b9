import KMeans
import Testing

/// The kernels against the definition, written plainly; equal to the bit.
@Suite struct KMeansKernelTests {
  /// The definition of the nearest centroid, of the sums and of the distances.
  struct Reference {
    var labels: [Int] = []
    var first: [Double] = []
    var second: [Double] = []
    var sums: ClusterSums

    init(_ points: [Float], _ centroids: Centroids) {
      let d = centroids.dimensions
      sums = ClusterSums(clusters: centroids.count, dimensions: d)
      var members = [[Float]](repeating: [], count: centroids.count * d)
      for row in 0..<points.count / d {
        var best = (label: 0, distance: Double.infinity)
        var next = Double.infinity
        for cluster in 0..<centroids.count {
          var sum = 0.0
          for column in 0..<d {
            let difference = Double(points[row * d + column]) - centroids.values[cluster * d + column]
            sum += difference * difference
          }
          if sum < best.distance {
            next = best.distance
            best = (cluster, sum)
          } else {
            next = min(next, sum)
          }
        }
        labels.append(best.label)
        first.append(best.distance)
        second.append(next)
        sums.weights[best.label] += 1
        for column in 0..<d { members[best.label * d + column].append(points[row * d + column]) }
      }
      sums.sums = members.map(exactSum)
    }
  }

  func check(_ points: [Float], _ centroids: Centroids) throws {
    let matrix = PointMatrix(points: points, dimensions: centroids.dimensions)
    let reference = Reference(points, centroids)
    #expect(try matrix.sums(centroids) == reference.sums)
    let nearest = try matrix.nearest(centroids)
    #expect(nearest.labels.map(Int.init) == reference.labels)
    #expect(nearest.distances == reference.first)
    var labels: [Int] = []
    var first: [Double] = []
    var second: [Double] = []
    try matrix.forEachNearestTwo(centroids) { row, label, a, b in
      #expect(row == labels.count)
      labels.append(label)
      first.append(a)
      second.append(b)
    }
    #expect(labels == reference.labels)
    #expect(first == reference.first)
    #expect(second == reference.second)
  }

  @Test(arguments: [1, 2, 3, 15, 16, 17, 33, 50], [1, 2, 4, 5, 9, 64])
  func equalsTheDefinition(dimensions: Int, clusters: Int) throws {
    var random = TestRandom(UInt64(dimensions * 1000 + clusters))
    for rows in [1, 63, 64, 65, 500] {
      let points = (0..<rows * dimensions).map { _ in Float(random.normal()) }
      let centroids = Centroids(
        count: clusters, dimensions: dimensions,
        values: (0..<clusters * dimensions).map { _ in random.normal() })
      try check(points, centroids)
    }
  }

  /// Where float32 alone would choose wrongly: points half-way between centroids, equal centroids, everything far from the
  /// origin, an outlier that makes the bounds of its block wide.
  @Test(arguments: [0.0, 1e3, 1e6])
  func equalsTheDefinitionWhereItIsClose(offset: Double) throws {
    var random = TestRandom(5)
    let dimensions = 7
    var centroids = (0..<6).map { _ in (0..<dimensions).map { _ in offset + random.normal() } }
    centroids.append(centroids[2])
    centroids.append(centroids[0].map { $0 + 1e-9 })
    var points: [Float] = []
    for _ in 0..<700 {
      let (a, b) = (centroids[random.below(centroids.count)], centroids[random.below(centroids.count)])
      points += zip(a, b).map { Float(($0 + $1) / 2) }
    }
    for column in 0..<dimensions { points[100 * dimensions + column] = 1e7 }
    try check(points, Centroids(centroids, dimensions: dimensions))
  }

  @Test func equalsTheDefinitionAtTheLimitsOfFloat() throws {
    var random = TestRandom(6)
    for scale in [1e-40, 1e-30, 1e-20, 1e12, 1e17] {
      let points = (0..<300 * 3).map { _ in Float(random.normal() * scale) }
      let centroids = Centroids(
        count: 5, dimensions: 3, values: (0..<15).map { _ in random.normal() * scale })
      try check(points, centroids)
    }
    // Centroids that float32 cannot hold at all.
    try check(
      [1, 2, 3, 4], Centroids(count: 3, dimensions: 2, values: [1e30, 0, 1e200, -1e200, 1e30, 1e-300]))
  }

  @Test func manyRowsGoThroughInSlices() throws {
    var random = TestRandom(8)
    let points = (0..<150_001 * 2).map { _ in Float(random.uniform()) }
    try check(points, Centroids(count: 3, dimensions: 2, values: [0.1, 0.2, 0.8, 0.3, 0.5, 0.9]))
  }

  @Test func rowsAndSquares() throws {
    let matrix = PointMatrix(points: (0..<130 * 3).map(Float.init), dimensions: 3)
    #expect(matrix.rows == 130)
    #expect(matrix.row(129) == [387, 388, 389])
    #expect(matrix.totalSquares == (0..<390).reduce(0.0) { $0 + Double($1 * $1) })
    let none = PointMatrix(points: [], dimensions: 3)
    #expect(try none.sums(Centroids(count: 1, dimensions: 3, values: [0, 0, 0])).weights == [0])
  }

  /// Sums neither depend on the order of the points nor lose those that are small beside others, as sums of float64 do.
  @Test func sumsAreExact() throws {
    var random = TestRandom(9)
    let dimensions = 5
    var points = (0..<3000).map { row in
      (0..<dimensions).map { _ in Float(random.normal() * [1e-6, 1, 1e10][row % 3]) }
    }
    let centroids = Centroids(
      count: 1, dimensions: dimensions, values: [Double](repeating: 0, count: dimensions))
    let sums = try PointMatrix(points: points.flatMap { $0 }, dimensions: dimensions).sums(centroids)
    for column in 0..<dimensions { #expect(sums.sums[column] == exactSum(points.map { $0[column] })) }
    #expect(
      sums.sums
        != points.reduce(into: [0, 0, 0, 0, 0]) { for column in 0..<5 { $0[column] += Double($1[column]) } })
    for _ in 0..<3 {
      for index in points.indices { points.swapAt(index, random.below(points.count)) }
      #expect(try PointMatrix(points: points.flatMap { $0 }, dimensions: dimensions).sums(centroids) == sums)
    }
  }

  /// What is too small to be exact beside the largest value of its column is rounded alike wherever it comes.
  @Test func theOrderOfTinyPointsDoesNotMatterEither() throws {
    var random = TestRandom(10)
    // So far apart that float64 would not add them up exactly.
    let sizes = [1e-13, 1e-18, 1e-23, 1e-28, 1e-33]
    var points = [Float(1e10)] + (0..<2000).map { Float(random.normal() * sizes[$0 % sizes.count]) }
    let centroids = Centroids(count: 2, dimensions: 1, values: [0, 1e10])
    let sums = try PointMatrix(points: points, dimensions: 1).sums(centroids)
    #expect(
      sums.weights == [2000, 1] && abs(sums.sums[0] - exactSum(Array(points.dropFirst()))) < 2000 * 1e-15)
    for _ in 0..<5 {
      for index in points.indices { points.swapAt(index, random.below(points.count)) }
      #expect(try PointMatrix(points: points, dimensions: 1).sums(centroids) == sums)
    }
  }
}
