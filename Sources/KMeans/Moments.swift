import Basics

/// Count, mean and sum of squared deviations of each column, as float64. Merged with the formula of Chan, Golub and LeVeque
/// (1979).
package struct Moments: Hashable, Sendable, WireCodable {
  package private(set) var count = 0.0
  package private(set) var mean: [Double]
  package private(set) var squares: [Double]
  package private(set) var smallest: [Double]
  package private(set) var largest: [Double]
  /// A few values of each column, from evenly spaced rows; they show where most of the values lie.
  package private(set) var samples: [[Double]]

  /// Number of values sampled from the rows of one shard, and the maximum that merged samples keep.
  private static let sampleOfShard = 16
  private static let sampleLimit = 4096

  package init(dimensions: Int) {
    mean = [Double](repeating: 0, count: dimensions)
    squares = mean
    smallest = [Double](repeating: .infinity, count: dimensions)
    largest = [Double](repeating: -.infinity, count: dimensions)
    samples = [[Double]](repeating: [], count: dimensions)
  }

  /// - Parameter columns: Finite values; all columns must have the same length.
  package init(columns: [[Double]]) {
    self.init(dimensions: columns.count)
    for (index, column) in columns.enumerated() { set(index, column) }
  }

  /// Sets the moments of one column. All columns have the same length.
  mutating func set(_ index: Int, _ column: [Double]) {
    count = Double(column.count)
    guard count > 0 else { return }
    // Relative to the first value, so that sums of the differences lose less precision. The second pass corrects the rounding
    // of the mean.
    let origin = column[0]
    var sum = 0.0
    for value in column { sum += value - origin }
    let mean = origin + sum / count
    var squares = 0.0
    var rest = 0.0
    var smallest = Double.infinity
    var largest = -Double.infinity
    for value in column {
      let deviation = value - mean
      squares += deviation * deviation
      rest += deviation
      smallest = min(smallest, value)
      largest = max(largest, value)
    }
    self.mean[index] = mean
    self.squares[index] = max(0, squares - rest * rest / count)
    self.smallest[index] = smallest
    self.largest[index] = largest
    let taken = min(column.count, Moments.sampleOfShard)
    samples[index] = (0..<taken).map { column[$0 * column.count / taken] }
  }

  package mutating func merge(_ other: Moments) {
    guard other.count > 0 else { return }
    guard count > 0 else {
      self = other
      return
    }
    let total = count + other.count
    for index in mean.indices {
      let delta = other.mean[index] - mean[index]
      mean[index] += delta * (other.count / total)
      squares[index] += other.squares[index] + delta * delta * (count * other.count / total)
      smallest[index] = min(smallest[index], other.smallest[index])
      largest[index] = max(largest[index], other.largest[index])
      samples[index] += other.samples[index]
      if samples[index].count > Moments.sampleLimit {
        samples[index] = stride(from: 0, to: samples[index].count, by: 2).map { samples[index][$0] }
      }
    }
    count = total
  }

  package func isConstant(_ column: Int) -> Bool { smallest[column] >= largest[column] }

  /// Population standard deviation.
  package func deviation(_ column: Int) -> Double {
    isConstant(column) || count == 0 ? 0 : (squares[column] / count).squareRoot()
  }

  /// The origin to subtract from a column, so that float32 resolves the bulk of its values. This is the mean, unless a few
  /// outliers have moved the mean so far from the bulk that values in the bulk would round to the same float32; then it is the
  /// median of the sample.
  package func origin(_ column: Int) -> Double {
    let sorted = samples[column].sorted()
    guard !sorted.isEmpty else { return mean[column] }
    let median = sorted[sorted.count / 2]
    let deviations = sorted.map { ($0 - median).magnitude }.filter { $0 > 0 }.sorted()
    guard !deviations.isEmpty else { return mean[column] }
    let spread = deviations[deviations.count / 2]
    // Float32 has 24 bits of precision, of which 13 are left for the bulk.
    return (mean[column] - median).magnitude > spread * 0x1p11 ? median : mean[column]
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    count = try reader.double()
    mean = try reader.array()
    squares = try reader.array()
    smallest = try reader.array()
    largest = try reader.array()
    samples = []
    for _ in mean { samples.append(try reader.array()) }
    guard [squares.count, smallest.count, largest.count].allSatisfy({ $0 == mean.count }) else {
      throw .invalid("moments with different numbers of columns")
    }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.double(count)
    for values in [mean, squares, smallest, largest] + samples { writer.array(values) }
  }
}
