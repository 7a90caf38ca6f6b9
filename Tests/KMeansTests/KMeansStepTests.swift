import Basics
import Columns
import Engine
import Foundation
import KMeans
import Storage
import Testing

@Suite struct KMeansStepTests {
  static let corners = [[0.0, 0], [10, 0], [0, 10]]

  @Test func segmentsBlobs() throws {
    let fixture = try KMeansFixture()
    let points = KMeansFixture.blobs(KMeansStepTests.corners, count: 40) + [[0.1, 0.1]]
    try fixture.write(points, files: 3, rowGroupRows: 10)
    let report = try fixture.run(["clusters": .integer(3)])
    #expect(report.values["clusters"] == .integer(3))
    #expect(report.values["sizes"] == .array([.integer(41), .integer(40), .integer(40)]))
    let segments = try fixture.segments()
    #expect(segments.map(\.id) == points.indices.map { "u\($0)" })
    for index in points.indices.dropLast() { #expect(segments[index].segment == segments[index % 3].segment) }
    #expect(segments[0].segment == 0)
    let model = try fixture.model()
    #expect(model.columns == ["x0", "x1"])
    #expect(model.segments.map(\.size) == model.sizes)
    #expect(Set(model.segments.map(\.label)).count == 3)
    #expect((try fixture.files()).keys.contains("_SUCCESS"))
    #expect(report.text.contains("3 segments of 121 users"))
  }

  @Test func resultDependsOnNeitherOrderNorCaches() throws {
    let fixture = try KMeansFixture()
    try fixture.write(
      KMeansFixture.blobs([[0, 0, 1], [1, 2, 0], [2, 0, 2], [0, 1, 1]], count: 100, spread: 0.8), files: 4,
      rowGroupRows: 30)
    var outputs: [[String: Data]] = []
    for session in [
      KMeansFixture.session(), KMeansFixture.session(order: .backward),
      KMeansFixture.session(order: .interleaved, losesCache: true),
      // 30 rows of 3 columns are 1,440 bytes in the making, but 360 as a matrix.
      KMeansFixture.session(memory: 1000), KMeansFixture.session(losesCache: true, memory: 1000),
    ] {
      try fixture.run(["clusters": .integer(5), "seed": .integer(3)], on: session, force: true)
      outputs.append(try fixture.files())
      #expect(session.cacheKeys.isEmpty)
    }
    #expect(outputs[0] == outputs[1])
    #expect(outputs[0] == outputs[2])
    #expect(outputs[0] == outputs[3] && outputs[0] == outputs[4])
    let session = KMeansFixture.session()
    try fixture.run(["clusters": .integer(5), "seed": .integer(4)], on: session)
    // 400 rows in 4 files of 100: row groups of 30, 30, 30 and 10.
    #expect(session.cacheBuilds == 16)
  }

  /// The same rows in other files: the same random choices, so the same segments but for rounding.
  @Test func filesAndRowGroupsDoNotMatter() throws {
    let fixture = try KMeansFixture()
    let points = KMeansFixture.blobs([[0, 0], [3, 0], [0, 3], [3, 3]], count: 60, spread: 0.6)
    try fixture.write(points, files: 1, to: "one")
    try fixture.write(points, files: 7, rowGroupRows: 9, to: "many")
    var models: [SegmentModel] = []
    var segments: [[Int32]] = []
    for name in ["one", "many"] {
      try fixture.run(["input": .string(fixture.path(name)), "clusters": .integer(4)])
      models.append(try fixture.model())
      segments.append(try fixture.segments().map(\.segment))
    }
    #expect(segments[0] == segments[1])
    for (a, b) in zip(models[0].centers.joined(), models[1].centers.joined()) { #expect(abs(a - b) < 1e-6) }
  }

  @Test func oneClusterAndOneForEachRow() throws {
    let fixture = try KMeansFixture()
    let points = KMeansFixture.blobs(KMeansStepTests.corners, count: 5)
    try fixture.write(points, files: 2)
    let one = try fixture.run(["clusters": .integer(1)])
    #expect(one.values["sizes"] == .array([.integer(15)]))
    #expect(one.values["silhouette"] == .null)
    #expect(try fixture.model().segments[0].label == "typical users")
    let all = try fixture.run(["clusters": .integer(15)])
    #expect(all.values["sizes"] == .array([JSONValue](repeating: .integer(1), count: 15)))
    #expect(all.values["cost"] == .number(0) || all.values["cost"] == .integer(0))
    #expect(Set(try fixture.segments().map(\.segment)).count == 15)
  }

  @Test(arguments: [true, false])
  func fewerDistinctRowsThanClusters(standardize: Bool) throws {
    let fixture = try KMeansFixture()
    try fixture.write((0..<30).map { $0 < 20 ? [1, 2] : [3, 4] }, files: 2)
    let report = try fixture.run(["clusters": .integer(5), "standardize": .bool(standardize)])
    #expect(report.values["sizes"] == .array([.integer(20), .integer(10)]))
    #expect(report.text.contains("5 were asked for"))
    #expect(try fixture.model().silhouette == 1)
  }

  @Test func allRowsEqual() throws {
    let fixture = try KMeansFixture()
    try fixture.write([[Double]](repeating: [7, 7], count: 10))
    let report = try fixture.run(["clusters": .integer(3)])
    #expect(report.values["sizes"] == .array([.integer(10)]))
    #expect(try fixture.model().centersOriginal == [[7, 7]])
    let auto = try fixture.run(["clusters": .string("auto")])
    #expect(auto.values["sizes"] == .array([.integer(10)]))
  }

  @Test func constantColumnChangesNothing() throws {
    let fixture = try KMeansFixture()
    let points = KMeansFixture.blobs(KMeansStepTests.corners, count: 30)
    try fixture.write(points)
    try fixture.write(points.map { $0 + [0.1] }, to: "more")
    try fixture.run(["clusters": .integer(3)])
    let plain = try fixture.segments().map(\.segment)
    try fixture.run(["clusters": .integer(3), "input": .string(fixture.path("more"))])
    #expect(try fixture.segments().map(\.segment) == plain)
    let model = try fixture.model()
    #expect(model.scale[2] == 1)
    #expect(model.centers.allSatisfy { $0[2] == 0 })
    #expect(model.centersOriginal.allSatisfy { $0[2] == 0.1 })
  }

  @Test func beginsFromGivenCentroidsAndFromAModel() throws {
    let fixture = try KMeansFixture()
    try fixture.write(KMeansFixture.blobs(KMeansStepTests.corners, count: 30))
    let file = fixture.path("centroids.json")
    try Data("[[1, 0], [9, 1], [1, 9.5]]".utf8).write(to: URL(fileURLWithPath: file))
    let step: [String: JSONValue] = ["clusters": .integer(3), "initialCenters": .string(file)]
    let session = KMeansFixture.session()
    try fixture.run(step, on: session)
    #expect(!session.stageNames.contains("choose candidates"))
    let model = try fixture.model()
    for (centroid, corner) in zip(model.centersOriginal, KMeansStepTests.corners) {
      for (a, b) in zip(centroid, corner) { #expect(abs(a - b) < 0.3) }
    }
    let earlier = fixture.path("earlier.json")
    try Data(try model.encoded()).write(to: URL(fileURLWithPath: earlier))
    let again = try fixture.run(step.merging(["initialCenters": .string(earlier)]) { $1 })
    #expect(again.values["iterations"] == .integer(1))
    #expect(try fixture.model().centersOriginal == model.centersOriginal)
    // Other contents under the same path are another input.
    #expect(!(try fixture.run(step).skipped))
    #expect(try fixture.run(step).skipped)
  }

  @Test func cancelLeavesTheOutputAsItWas() throws {
    let fixture = try KMeansFixture()
    try fixture.write(KMeansFixture.blobs(KMeansStepTests.corners, count: 10))
    let session = KMeansFixture.session()
    session.cancel()
    #expect(throws: JobFailure.cancelled) { try fixture.run(["clusters": .integer(2)], on: session) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path) == ["in"])
  }

  @Test func integersFloatsBooleansAndTimestamps() throws {
    let fixture = try KMeansFixture()
    try fixture.write(
      [
        ("a", .int32([1, 2, 50, 51])), ("b", .int64([1, 1, 90, 91])), ("c", .float([0, 0, 1, 1])),
        ("d", .bool([true, false, true, false])), ("seen", .int64([5, 6, 7, 8])),
        ("name", .bytes(StringColumn(["p", "q", "r", "s"]))),
      ], to: "in/a.parquet", ids: .int64([11, 12, 13, -14]), types: ["seen": .timestampMillis])
    try fixture.run(["clusters": .integer(2)])
    #expect(try fixture.model().columns == ["a", "b", "c"])
    #expect(try fixture.segments().map(\.id) == ["11", "12", "13", "-14"])
    try fixture.run(["clusters": .integer(2), "columns": .array([.string("d"), .string("a")])])
    #expect(try fixture.model().columns == ["d", "a"])
  }

  @Test func planTellsWhatWouldRun() throws {
    let fixture = try KMeansFixture()
    #expect(throws: StorageError.self) { try fixture.step(["clusters": .integer(3)]).plan() }
    try fixture.write(KMeansFixture.blobs(KMeansStepTests.corners, count: 10), files: 3)
    let step = try fixture.step(["clusters": .integer(3)])
    let plan = try step.plan()
    #expect(!plan.isUpToDate && plan.stages.allSatisfy { $0.tasks == 3 })
    #expect(plan.facts.contains { $0.label == "columns" && $0.value == "x0, x1" })
    let session = KMeansFixture.session()
    _ = try step.run(session, force: false)
    let planned = Set(plan.stages.map(\.outline.name))
    #expect(planned == Set(session.stageNames).union(["find far points"]))
    #expect(try step.plan().isUpToDate)
  }
}
