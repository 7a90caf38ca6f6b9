import Basics

/// The choice among the numbers of clusters that were tried.
package struct ClusterChoice: Codable, Hashable, Sendable {
  package struct Row: Codable, Hashable, Sendable {
    package var clusters: Int
    /// Within-set sum of squares, in the clustered space.
    package var cost: Double
    /// Simplified silhouette; nil for one cluster.
    package var silhouette: Double?
    /// Share of the points in the smallest cluster.
    package var smallestShare: Double

    package init(clusters: Int, cost: Double, silhouette: Double?, smallestShare: Double) {
      self.clusters = clusters
      self.cost = cost
      self.silhouette = silhouette
      self.smallestShare = smallestShare
    }
  }

  package var tried: [Row]
  package var clusters: Int
  package var why: String

  /// Silhouettes within this relative distance of the highest one count as equal.
  static let indifference = 0.01
  /// A segment below this share is a handful of outliers rather than a kind of user.
  static let smallShare = 0.01

  /// The highest silhouette wins. Among those within 1 % of it, the one with the most clusters wins, because more segments are
  /// more informative if they are equally well separated. Clusterings with a segment below 1 % of the points are used only if
  /// there are no others.
  package init(_ tried: [Row]) {
    self.tried = tried
    let solid = tried.filter { $0.smallestShare >= ClusterChoice.smallShare }
    let eligible = solid.isEmpty ? tried : solid
    let highest = eligible.map { $0.silhouette ?? 0 }.max() ?? 0
    let close = eligible.filter { ($0.silhouette ?? 0) >= highest * (1 - ClusterChoice.indifference) }
    let chosen = close.max { $0.clusters < $1.clusters } ?? tried[0]
    clusters = chosen.clusters
    var reason = "\(chosen.clusters) clusters: silhouette \(Quantity.number(chosen.silhouette ?? 0))"
    if let best = close.first(where: { ($0.silhouette ?? 0) == highest }), best.clusters != chosen.clusters {
      reason +=
        ", as good as the highest (\(Quantity.number(highest)) with \(best.clusters)) within 1 %, and more segments"
    } else {
      reason += " is the highest"
    }
    let passedOver = tried.count - eligible.count
    if passedOver > 0 {
      reason += "; \(passedOver) with a segment under 1 % of the rows were passed over"
    }
    why = reason
  }
}
