import Basics

/// How original values become those that are clustered: (value − origin) / divisor in each column, float32.
///
/// If columns are standardized, this is the clustered space that users see, shifted by a constant when `origin` is not the
/// mean. If they are not, the origin is still subtracted and one power of two divides all columns. This scales every
/// distance by `unit` and keeps float32 accurate; users see original units.
package struct Transform: Hashable, Sendable, WireCodable {
  /// The mean of each column, or what `Moments.origin` takes for it.
  package let origin: [Double]
  private let means: [Double]
  package let divisor: [Double]
  /// What users see of a distance is `unit` times that between transformed points.
  package let unit: Double
  package let standardized: Bool
  /// The mean variance of the transformed columns, which the tolerance is measured against.
  package let meanVariance: Double

  package init(_ moments: Moments, standardize: Bool) {
    let columns = moments.mean.indices
    means = moments.mean
    let origin = columns.map { moments.origin($0) }
    self.origin = origin
    standardized = standardize
    if standardize {
      divisor = columns.map { moments.deviation($0) > 0 ? moments.deviation($0) : 1 }
      unit = 1
    } else {
      let reach = columns.map {
        max(moments.largest[$0] - origin[$0], origin[$0] - moments.smallest[$0])
      }.max()
      let power = reach.map { $0 > 0 && $0.isFinite ? $0.binade * 2 : 1 } ?? 1
      divisor = columns.map { _ in power }
      unit = power
    }
    let divisor = divisor
    let variances = columns.map { column in
      let deviation = moments.deviation(column) / divisor[column]
      return deviation * deviation
    }
    meanVariance = columns.isEmpty ? 0 : variances.reduce(0, +) / Double(columns.count)
  }

  /// The mean and scale that users see.
  package var mean: [Double] { standardized ? means : means.map { _ in 0 } }
  package var scale: [Double] { standardized ? divisor : divisor.map { _ in 1 } }

  /// Transformed to original units. What float32 leaves of a zero is zero: nobody bought -8.7e-09 things.
  package func original(_ centres: Centres) -> Centres {
    map(centres) { value, column in
      let original = value * divisor[column] + origin[column]
      let noise = Double(2 * Float.ulpOfOne) * origin[column].magnitude
      return original.magnitude <= noise ? 0 : original
    }
  }

  /// Transformed to the clustered space that users see.
  package func clustered(_ centres: Centres) -> Centres {
    guard standardized else { return original(centres) }
    guard origin != means else { return centres }
    return map(centres) { value, column in value + (origin[column] - means[column]) / divisor[column] }
  }

  /// Original units to transformed.
  package func transformed(_ centres: Centres) -> Centres {
    map(centres) { ($0 - origin[$1]) / divisor[$1] }
  }

  private func map(_ centres: Centres, _ body: (Double, Int) -> Double) -> Centres {
    var result = centres
    for index in result.values.indices {
      result.values[index] = body(result.values[index], index % centres.dimensions)
    }
    return result
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    origin = try reader.array()
    means = try reader.array()
    divisor = try reader.array()
    unit = try reader.double()
    standardized = try reader.bool()
    meanVariance = try reader.double()
    guard origin.count == divisor.count, means.count == divisor.count else {
      throw .invalid("transform of unequal columns")
    }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.array(origin)
    writer.array(means)
    writer.array(divisor)
    writer.double(unit)
    writer.bool(standardized)
    writer.double(meanVariance)
  }
}
