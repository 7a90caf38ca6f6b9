import Foundation

/// The contents of `_model.json`: the centroids and their interpretation.
package struct SegmentModel: Codable, Hashable, Sendable {
  /// A column in which a segment differs from the rest.
  package struct Trait: Codable, Hashable, Sendable {
    package var column: String
    /// Mean over the segment and over all rows, in original units.
    package var value: Double
    package var overall: Double
    /// Their difference in population standard deviations.
    package var z: Double

    package init(column: String, value: Double, overall: Double, z: Double) {
      self.column = column
      self.value = value
      self.overall = overall
      self.z = z
    }
  }

  package struct Segment: Codable, Hashable, Sendable {
    package var segment: Int
    package var size: Int
    package var share: Double
    package var label: String
    package var distinctive: [Trait]

    package init(segment: Int, size: Int, share: Double, label: String, distinctive: [Trait]) {
      self.segment = segment
      self.size = size
      self.share = share
      self.label = label
      self.distinctive = distinctive
    }
  }

  package static let fileName = "_model.json"

  package var columns: [String]
  package var mean: [Double]
  package var scale: [Double]
  package var standardize: Bool
  /// In the clustered space: (original − mean) / scale.
  package var centers: [[Double]]
  package var centersOriginal: [[Double]]
  package var sizes: [Int]
  /// Within-set sum of squares, in the clustered space.
  package var cost: Double
  package var iterations: Int
  package var converged: Bool
  package var seed: UInt64
  /// Mean simplified silhouette (based on distances to centroids); nil for one segment.
  package var silhouette: Double?
  package var silhouetteMethod = "simplified"
  /// The requested number of clusters; larger than the number of segments if too few rows are distinct.
  package var requestedClusters: Int
  /// Present if the run chose the number of clusters.
  package var choice: ClusterChoice?
  package var segments: [Segment]

  package init(
    columns: [String], moments: Moments, transform: Transform, clustered: Clustered, seed: UInt64,
    choice: ClusterChoice?
  ) {
    let centroids = clustered.fit.centroids
    let original = transform.original(centroids)
    self.columns = columns
    mean = transform.mean
    scale = transform.scale
    standardize = transform.standardized
    centers = transform.clustered(centroids).rows
    centersOriginal = original.rows
    sizes = clustered.evaluation.sizes
    cost = clustered.evaluation.cost * transform.unit * transform.unit
    iterations = clustered.fit.iterations
    converged = clustered.fit.converged
    self.seed = seed
    silhouette = clustered.evaluation.silhouette
    requestedClusters = clustered.requested
    self.choice = choice
    segments = []
    let rows = Double(sizes.reduce(0, +))
    for (index, size) in sizes.enumerated() {
      let traits = columns.indices.compactMap { column -> Trait? in
        let deviation = moments.deviation(column)
        guard deviation > 0 else { return nil }
        let value = original[index][original[index].startIndex + column]
        let overall = moments.mean[column]
        return Trait(
          column: columns[column], value: value, overall: overall, z: (value - overall) / deviation)
      }
      // Stable: equal traits stay in column order.
      let order = traits.indices.sorted { (traits[$1].z.magnitude, $0) < (traits[$0].z.magnitude, $1) }
      segments.append(
        Segment(
          segment: index, size: size, share: rows > 0 ? Double(size) / rows : 0, label: "",
          distinctive: order.prefix(8).map { traits[$0] }))
    }
    for (index, label) in SegmentLabels.labels(for: segments).enumerated() { segments[index].label = label }
  }

  /// Encodes with sorted keys, so that equal models have equal bytes.
  package func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [0x0a]
  }

  package init(json: [UInt8]) throws {
    self = try JSONDecoder().decode(SegmentModel.self, from: Data(json))
  }
}
