import Basics

/// Maps original values to the clustered space: (value − origin) / divisor in each column, float32.
///
/// If columns are standardized, this is the clustered space that users see, shifted by a constant if `origin` is not the mean.
/// If they are not, the origin is still subtracted and all columns are divided by the same power of two. This scales every
/// distance by `unit` and keeps float32 accurate; users see original units.
package struct Transform: Hashable, Sendable, WireCodable {
  /// The mean of each column, or the value that `Moments.origin` returns in its place.
  package let origin: [Double]
  private let means: [Double]
  package let divisor: [Double]
  /// Factor that converts distances between transformed points to the distances shown to users.
  package let unit: Double
  package let standardized: Bool
  /// The mean variance of the transformed columns, the unit of the tolerance.
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

  /// Converts from transformed to original units. float32 noise around zero becomes zero: nobody bought -8.7e-09 things.
  package func original(_ centroids: Centroids) -> Centroids {
    map(centroids) { value, column in
      let original = value * divisor[column] + origin[column]
      let noise = Double(2 * Float.ulpOfOne) * origin[column].magnitude
      return original.magnitude <= noise ? 0 : original
    }
  }

  /// Converts from transformed units to the clustered space shown to users.
  package func clustered(_ centroids: Centroids) -> Centroids {
    guard standardized else { return original(centroids) }
    guard origin != means else { return centroids }
    return map(centroids) { value, column in value + (origin[column] - means[column]) / divisor[column] }
  }

  /// Converts from original to transformed units.
  package func transformed(_ centroids: Centroids) -> Centroids {
    map(centroids) { ($0 - origin[$1]) / divisor[$1] }
  }

  private func map(_ centroids: Centroids, _ body: (Double, Int) -> Double) -> Centroids {
    var result = centroids
    for index in result.values.indices {
      result.values[index] = body(result.values[index], index % centroids.dimensions)
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
