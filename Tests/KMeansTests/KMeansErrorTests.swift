import Basics
import Columns
import Foundation
import TestSupport
import Testing
import Wire

/// Errors about the input name their location.
@Suite struct KMeansErrorTests {
  @Test func missingValues() throws {
    let fixture = try KMeansFixture()
    try fixture.write([("a", .double([1, 2])), ("b", .double([1, 2]))], to: "in/a.parquet")
    var values = [Double](repeating: 1, count: 20)
    values[17] = .nan
    var validity = [Bool](repeating: true, count: 20)
    validity[13] = false
    try fixture.write(
      [("a", .double(values)), ("b", .double((0..<20).map(Double.init)))], to: "in/b.parquet",
      validity: ["b": validity], rowGroupRows: 6)
    let step: [String: JSONValue] = ["clusters": .integer(2)]
    // The null comes first, whatever order the tasks run in.
    for (order, memory) in [
      (SequentialSession.Order.forward, 1 << 30), (.backward, 1 << 30), (.backward, 100),
    ] {
      let failure = #expect(throws: TaskFailure.self) {
        try fixture.run(step, on: KMeansFixture.session(order: order, memory: memory))
      }
      #expect(
        failure?.message.contains("b.parquet, row 13 (counted from 0), column 'b': is null; give 'fill'")
          == true)
    }
    let named = fixture.failure(["clusters": .integer(2), "columns": .array([.string("a")])])
    #expect(named?.contains("row 17") == true && named?.contains("is NaN") == true)
    try fixture.run(["clusters": .integer(2), "fill": .number(0)])
    #expect(try fixture.segments().count == 22)
  }

  @Test func rowGroupsThatNoSlotCanHold() throws {
    let fixture = try KMeansFixture()
    try fixture.write([("a", .double([1, 2])), ("b", .double([1, 2]))], to: "in/a.parquet")
    #expect {
      try fixture.run(["clusters": .integer(1)], on: KMeansFixture.session(memory: 15))
    } throws: { error in
      "\(error)".contains("a.parquet, from row 0: a row group of 2 rows and 2 columns needs")
        && "\(error)".contains("--memory")
    }
  }

  @Test func valuesThatAreTooLarge() throws {
    let fixture = try KMeansFixture()
    for (value, name) in [(Double.infinity, "inf"), (-1e200, "huge")] {
      try fixture.write([("a", .double([1, 2, value]))], to: "\(name)/a.parquet")
      for fill in [nil, JSONValue.number(0)] {
        var step: [String: JSONValue] = ["clusters": .integer(1), "input": .string(fixture.path(name))]
        step["fill"] = fill
        #expect(fixture.failure(step)?.contains("row 2 (counted from 0), column 'a': is \(value)") == true)
      }
    }
  }

  /// Far over what float32 holds, and still clustered right.
  @Test(arguments: [true, false])
  func largeValuesAreScaled(standardize: Bool) throws {
    let fixture = try KMeansFixture()
    try fixture.write(
      [("a", .double([1e100, 2e100, 8e100, 9e100])), ("b", .double([0, 1e-100, 0, 1e-100]))],
      to: "in/a.parquet")
    try fixture.run([
      "clusters": .integer(2), "standardize": .bool(standardize), "columns": .array([.string("a")]),
    ])
    #expect(try fixture.segments().map(\.segment).dropFirst().last != fixture.segments()[0].segment)
    for (a, b) in zip(try fixture.model().centersOriginal.joined().sorted(), [1.5e100, 8.5e100]) {
      #expect(abs(a / b - 1) < 1e-6)
    }
  }

  @Test func columnsAndNumbers() throws {
    let fixture = try KMeansFixture()
    try fixture.write(
      [
        ("events", .int64([1, 2, 3])), ("revenue", .double([1, 2, 3])),
        ("name", .bytes(StringColumn(["a", "b", "c"]))),
      ], to: "in/a.parquet")
    func message(_ values: [String: JSONValue]) -> String {
      fixture.failure(["clusters": .integer(2)].merging(values) { $1 }) ?? "no error"
    }
    #expect(
      message(["columns": .array([.string("events"), .string("revenu")])])
        == "steps[0].columns[1]: no column 'revenu' in the input; did you mean 'revenue'?")
    #expect(
      message(["columns": .array([.string("zzzzzzzz")])]).contains("it has user_id (string), events (int64)"))
    #expect(
      message(["columns": .array([.string("name")])]).contains("is of type string; expected a numeric column")
    )
    #expect(message(["columns": .array([.string("events"), .string("events")])]).contains("named twice"))
    #expect(message(["columns": .array([])]).contains("steps[0].columns: expected at least one column"))
    #expect(message(["columns": .array([.string("user_id")])]).contains("is the id column"))
    #expect(message(["idColumn": .string("userid")]).contains("steps[0].idColumn: no column 'userid'"))
    #expect(message(["idColumn": .string("revenue")]).contains("expected string or integer"))
    #expect(
      message(["clusters": .integer(4)])
        == "steps[0].clusters: expected at most the number of rows, which is 3; found 4")
    #expect(
      message(["clusters": .string("auto"), "minClusters": .integer(5)])
        == "steps[0].minClusters: expected at most the number of rows, which is 3")
    #expect(
      message(["clusters": .string("auto"), "minClusters": .integer(5), "maxClusters": .integer(4)])
        .hasPrefix("steps[0].maxClusters:"))
    #expect(!FileManager.default.fileExists(atPath: fixture.path("out")))
  }

  @Test func files() throws {
    let fixture = try KMeansFixture()
    #expect(fixture.failure(["clusters": .integer(2)])?.contains(fixture.path("in")) == true)
    try FileManager.default.createDirectory(atPath: fixture.path("in"), withIntermediateDirectories: true)
    #expect(fixture.failure(["clusters": .integer(2)])?.contains("holds no files") == true)
    try fixture.write([("a", .double([1]))], to: "in/a.parquet")
    try fixture.write([("a", .int64([1]))], to: "in/b.parquet")
    #expect(fixture.failure(["clusters": .integer(1)])?.contains("is of type int64, but double in") == true)
    try fixture.write([("b", .double([1]))], to: "in/b.parquet")
    #expect(fixture.failure(["clusters": .integer(1)])?.contains("has no column 'a'") == true)
    try fixture.write([("a", .double([1])), ("b", .double([1]))], to: "in/b.parquet")
    #expect(fixture.failure(["clusters": .integer(1)])?.contains("has a column 'b'") == true)
    try Data("PAR1 and no more".utf8).write(to: URL(fileURLWithPath: fixture.path("in/b.parquet")))
    #expect(fixture.failure(["clusters": .integer(1)])?.contains("b.parquet") == true)
    try fixture.write([("a", .double([])), ("b", .double([]))], to: "empty/a.parquet")
    #expect(
      fixture.failure(["clusters": .integer(1), "input": .string(fixture.path("empty"))])?.contains(
        "has no rows") == true)
    try fixture.write([("s", .bytes(StringColumn(["x"])))], to: "text/a.parquet")
    #expect(
      fixture.failure(["clusters": .integer(1), "input": .string(fixture.path("text"))])?
        .contains("has no numeric column") == true)
    try fixture.write(
      [("a", .double([1, 2]))], to: "ids/a.parquet", validity: ["user_id": [true, false]])
    #expect(
      fixture.failure(["clusters": .integer(1), "input": .string(fixture.path("ids"))])?
        .contains("row 1 (counted from 0), column 'user_id': is null") == true)
  }

  @Test func initialCentroids() throws {
    let fixture = try KMeansFixture()
    try fixture.write([("a", .double([1, 2, 3])), ("b", .double([1, 2, 3]))], to: "in/a.parquet")
    let file = fixture.path("centroids.json")
    func message(_ json: String, clusters: JSONValue = .integer(2)) throws -> String {
      try Data(json.utf8).write(to: URL(fileURLWithPath: file))
      return fixture.failure(["clusters": clusters, "initialCenters": .string(file)]) ?? "no error"
    }
    #expect(try message("[[1, 2], [3, 4]").contains("is not JSON"))
    #expect(try message("[]").contains("non-empty array"))
    #expect(try message("[[1, 2]]").contains("holds 1 centroids, but clusters is 2"))
    #expect(try message("[[1, 2], [3]]").contains("centroid 1: expected an array of 2 numbers"))
    #expect(try message("[[1, 2], [3, \"x\"]]").contains("centroid 1, column 1: expected a number"))
    #expect(try message("[[1, 2], [3, 1e300]]").contains("centroid 1, column 1: expected a number"))
    #expect(try message("{\"a\": 1}").contains("expected an array of centroids, or a model"))
    #expect(
      try message("{\"columns\": [\"a\", \"c\"], \"centersOriginal\": [[1, 2], [3, 4]]}").contains(
        "no column 'b'"))
    #expect(try message("[[1, 2], [3, 4]]", clusters: .string("auto")).contains("steps[0].initialCenters"))
    #expect(try message("[[1e30, 2], [3, -1e30]]") == "no error")
  }
}
