import Basics
import KMeans
import Testing

@Suite struct KMeansMomentsTests {
  @Test func mergedEqualsWhole() throws {
    var random = TestRandom(1)
    // A large mean, where the sum of squares minus the square of the sum would have no digit left.
    let columns = [(0..<1000).map { _ in 1e9 + random.normal() }, (0..<1000).map { _ in random.uniform() }]
    let whole = Moments(columns: columns)
    var merged = Moments(dimensions: 2)
    for range in [0..<1, 1..<10, 10..<10, 10..<700, 700..<1000] {
      merged.merge(try Moments(decoding: Moments(columns: columns.map { Array($0[range]) }).encoded))
    }
    for column in 0..<2 {
      #expect(abs(merged.mean[column] - whole.mean[column]) < 1e-7)
      #expect(abs(merged.deviation(column) / whole.deviation(column) - 1) < 1e-8)
    }
    #expect(abs(whole.deviation(0) - 1) < 0.1)
    #expect(merged.count == 1000)
    #expect(merged.smallest == whole.smallest && merged.largest == whole.largest)
  }

  @Test func constantColumnStaysAtZero() {
    let moments = Moments(columns: [[0.1, 0.1, 0.1], [1, 2, 3]])
    #expect(moments.isConstant(0) && !moments.isConstant(1))
    let transform = Transform(moments, standardize: true)
    #expect(transform.divisor[0] == 1)
    #expect(abs(transform.meanVariance - 0.5) < 1e-15)
    #expect(transform.transformed(Centroids([[0.1, 2]], dimensions: 2)).values == [0, 0])
  }

  /// Without standardizing, users see original units whatever the run computes in.
  @Test func unscaledSpaceIsTheOriginal() {
    let transform = Transform(Moments(columns: [[1000, 2000, 6000], [1, 2, 3]]), standardize: false)
    #expect(transform.mean == [0, 0] && transform.scale == [1, 1])
    let centroids = Centroids([[1500, 2]], dimensions: 2)
    let there = transform.transformed(centroids)
    #expect(transform.clustered(there) == centroids)
    #expect(transform.original(there) == centroids)
    #expect(transform.unit == 4096)
  }

  /// A few outliers must not round the bulk of a column to one float32.
  @Test(arguments: [1e12, -1e12, 1e30])
  func outliersLeaveTheBulkItsDigits(_ outlier: Double) {
    let bulk = (0..<996).map { (row: Int) -> Double in Double(50 + row % 2 * 100) + Double(row) / 100 }
    let moments = Moments(columns: [bulk + [outlier, outlier, outlier, outlier]])
    for standardize in [true, false] {
      let transform = Transform(moments, standardize: standardize)
      let values = Set(bulk.map { Float(($0 - transform.origin[0]) / transform.divisor[0]) })
      #expect(values.count == bulk.count)
      let centers = Centroids([[55], [outlier]], dimensions: 1)
      let back = transform.original(transform.transformed(centers)).values
      #expect(abs(back[0] - 55) < 1e-6 && abs(back[1] / outlier - 1) < 1e-6)
      let expected = standardize ? (55 - moments.mean[0]) / moments.deviation(0) : 55
      let shown = transform.clustered(transform.transformed(centers)).values[0]
      #expect(shown.distance(to: expected).magnitude <= expected.magnitude * 1e-6)
    }
  }

  /// Skewed columns, as revenue is, are measured from their mean.
  @Test func ordinaryColumnsKeepTheirMean() {
    let skewed: [Double] = (0..<1000).map { (row: Int) -> Double in
      row % 10 == 0 ? 20 * Double(row) : Double(row % 7)
    }
    let moments = Moments(columns: [skewed, [Double](repeating: 3, count: 1000)])
    #expect(Transform(moments, standardize: true).origin == moments.mean)
  }

  /// A segment where nobody has any of a column has a mean of zero there, not what rounding to float32 left of it.
  @Test func zeroStaysZero() {
    let transform = Transform(Moments(columns: [[0, 0, 0, 1.7], [0, 0, 1, 300]]), standardize: true)
    let zero = transform.transformed(Centroids([[0, 0]], dimensions: 2))
    var rounded = zero
    for index in rounded.values.indices { rounded.values[index] = Double(Float(rounded.values[index])) }
    #expect(rounded != zero && transform.original(rounded).values == [0, 0])
    let small = Centroids([[1e-4, 0.01]], dimensions: 2)
    let back = transform.original(transform.transformed(small)).values
    #expect(abs(back[0] - 1e-4) < 1e-12 && abs(back[1] - 0.01) < 1e-10)
  }

  @Test func hostileBytesAreErrors() {
    let matrix = MatrixSource(
      columns: ["a", "b"], fill: nil,
      transform: Transform(Moments(columns: [[1, 2], [3, 4]]), standardize: true))
    let whole = MatrixOperator<SumsWork>.parameters(
      matrix, SumsWork(starts: [Centroids(count: 1, dimensions: 2, values: [1, 2])]))
    #expect(throws: Never.self) { try MatrixOperator<SumsWork>(parameters: whole) }
    for length in 0..<whole.count {
      #expect(throws: WireError.self) {
        try MatrixOperator<SumsWork>(parameters: Array(whole.prefix(length)))
      }
    }
    var writer = ByteWriter()
    writer.count(3)
    writer.count(Int.max)
    writer.array([1.0])
    #expect(throws: WireError.self) { try Centroids(decoding: writer.bytes) }
  }
}
