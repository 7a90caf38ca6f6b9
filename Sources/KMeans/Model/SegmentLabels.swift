/// Builds a short label for each segment from its most distinctive traits.
package enum SegmentLabels {
  /// The smallest difference, in standard deviations, that is worth mentioning in a label.
  static let noticeable = 0.35
  static let typical = "typical users"

  /// - Returns: One label per segment; all labels are distinct.
  package static func labels(for segments: [SegmentModel.Segment]) -> [String] {
    let phrases = segments.map { describe($0.distinctive) }
    // Two phrases each, and more if labels are still equal.
    var counts = phrases.map { min(2, $0.count) }
    while let index = firstToLengthen(phrases, counts) { counts[index] += 1 }
    var labels: [String] = []
    for index in segments.indices {
      let label = text(phrases[index], counts[index])
      var unique = label
      var number = 2
      while labels.contains(unique) {
        unique = "\(label) (\(number))"
        number += 1
      }
      labels.append(unique)
    }
    return labels
  }

  private static func firstToLengthen(_ phrases: [[String]], _ counts: [Int]) -> Int? {
    phrases.indices.last { index in
      counts[index] < min(4, phrases[index].count)
        && phrases.indices.contains { other in
          other != index && text(phrases[other], counts[other]) == text(phrases[index], counts[index])
        }
    }
  }

  private static func text(_ phrases: [String], _ count: Int) -> String {
    count == 0 ? typical : phrases.prefix(count).joined(separator: ", ")
  }

  /// Phrases for the traits, most distinctive first, with one phrase per topic.
  private static func describe(_ traits: [SegmentModel.Trait]) -> [String] {
    // Absence says less about a person than presence.
    func weight(_ trait: SegmentModel.Trait) -> Double { trait.z > 0 ? trait.z : -0.7 * trait.z }
    let order = traits.indices.sorted { (weight(traits[$1]), $0) < (weight(traits[$0]), $1) }
    var topics: [String] = []
    var phrases: [String] = []
    for index in order where traits[index].z.magnitude >= noticeable {
      let phrase = ColumnPhrase.of(traits[index].column)
      if topics.contains(phrase.topic) { continue }
      topics.append(phrase.topic)
      phrases.append(traits[index].z > 0 ? phrase.high : phrase.low)
    }
    return phrases
  }
}
