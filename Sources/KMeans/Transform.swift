import Basics

/// How original values become those that are clustered: (value − origin) / divisor in each column, float32.
///
/// Where columns are standardized that is the clustered space. Where they are not, the mean is still taken out and one power
/// of two divides all columns, which changes no distance but for `unit` and keeps float32 exact where it matters;
/// what users see is in original units then.
package struct Transform: Hashable, Sendable, WireCodable {
  package let origin: [Double]
  package let divisor: [Double]
  /// What users see of a distance is `unit` times that between transformed points.
  package let unit: Double
  package let standardized: Bool
  /// The mean variance of the transformed columns, which the tolerance is measured against.
  package let meanVariance: Double

  package init(_ moments: Moments, standardize: Bool) {
    let columns = moments.mean.indices
    origin = moments.mean
    standardized = standardize
    if standardize {
      divisor = columns.map { moments.deviation($0) > 0 ? moments.deviation($0) : 1 }
      unit = 1
    } else {
      let reach = columns.map {
        max(moments.largest[$0] - moments.mean[$0], moments.mean[$0] - moments.smallest[$0])
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
  package var mean: [Double] { standardized ? origin : origin.map { _ in 0 } }
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
  package func clustered(_ centres: Centres) -> Centres { standardized ? centres : original(centres) }

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
    divisor = try reader.array()
    unit = try reader.double()
    standardized = try reader.bool()
    meanVariance = try reader.double()
    guard origin.count == divisor.count else { throw .invalid("transform of unequal columns") }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.array(origin)
    writer.array(divisor)
    writer.double(unit)
    writer.bool(standardized)
    writer.double(meanVariance)
  }
}
