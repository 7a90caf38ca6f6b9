import Basics
import KMeans
import Testing

@Suite struct KMeansModelTests {
  func segment(_ number: Int, _ traits: [(String, Double)]) -> SegmentModel.Segment {
    SegmentModel.Segment(
      segment: number, size: 1, share: 0.5, label: "",
      distinctive: traits.map { SegmentModel.Trait(column: $0.0, value: 1 + $0.1, overall: 1, z: $0.1) })
  }

  @Test func labelsArePlainWords() {
    let labels = SegmentLabels.labels(for: [
      segment(0, [("night_share", 2), ("avg_dwell_ms", 1)]),
      segment(1, [("purchases", 3), ("revenue", 2.5), ("mobile_share", 0.5)]),
      segment(2, [("events", 0.1), ("searches", -0.2)]),
      segment(3, [("tickets", 2), ("age", -1)]),
      segment(4, [("sessions", -1)]),
    ])
    #expect(
      labels == [
        "night owls, slow readers", "frequent buyers, on mobile", "typical users", "high tickets, low age",
        "rare visitors",
      ])
  }

  @Test func labelsAreDistinct() {
    let same = [("purchases", 3.0), ("night_share", 2.0)]
    let labels = SegmentLabels.labels(for: [
      segment(0, same), segment(1, same + [("mobile_share", 1)]), segment(2, same), segment(3, []),
      segment(4, []),
    ])
    #expect(
      labels == [
        "frequent buyers, night owls", "frequent buyers, night owls, on mobile",
        "frequent buyers, night owls (2)",
        "typical users", "typical users (2)",
      ])
  }

  @Test(arguments: [
    (0.4172, "0.417"), (0, "0"), (12.34, "12.3"), (1234.6, "1,235"), (50, "50"), (10.04, "10"),
    (-5.678, "-5.68"), (2.5, "2.5"),
    (1_234_567, "1,234,567"), (0.00012, "0.00012"), (1e20, "1e+20"), (.infinity, "inf"), (100.4, "100"),
  ])
  func numbers(value: Double, text: String) {
    #expect(Quantity.number(value) == text)
  }

  @Test func choiceTakesTheHighestSilhouette() {
    func rows(_ silhouettes: [Double], smallest: [Double] = []) -> [ClusterChoice.Row] {
      silhouettes.enumerated().map {
        ClusterChoice.Row(
          clusters: $0 + 2, cost: 1, silhouette: $1, smallestShare: $0 < smallest.count ? smallest[$0] : 0.2)
      }
    }
    #expect(ClusterChoice(rows([0.3, 0.5, 0.4])).clusters == 3)
    #expect(ClusterChoice(rows([0.3, 0.5, 0.499, 0.49])).clusters == 4)
    #expect(ClusterChoice(rows([0.9, 0.5, 0.4], smallest: [0.001])).clusters == 3)
    #expect(ClusterChoice(rows([0.9, 0.5], smallest: [0.001, 0.002])).clusters == 2)
    #expect(
      ClusterChoice([ClusterChoice.Row(clusters: 1, cost: 0, silhouette: nil, smallestShare: 1)]).clusters
        == 1)
  }

  @Test func modelsSurviveTheirJSON() throws {
    let fixture = try KMeansFixture()
    try fixture.write(KMeansFixture.blobs(KMeansStepTests.corners, count: 20))
    let first = try fixture.run(["clusters": .string("auto"), "maxClusters": .integer(5)])
    let model = try fixture.model()
    #expect(model.choice?.clusters == 3)
    #expect(model.choice?.tried.map(\.clusters) == [2, 3, 4, 5])
    #expect(try SegmentModel(json: model.encoded()) == model)
    let again = try fixture.run(["clusters": .string("auto"), "maxClusters": .integer(5)])
    #expect(again.skipped && again.text == first.text)
    #expect(first.text.contains("← chosen"))
  }
}
