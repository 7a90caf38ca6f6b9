import Basics
import Clickstream
import Engine
import Formats
import KMeans
import Storage
import Transport
import TestSupport
import Wire

/// Values inside messages: inputs, parameters and results of tasks.
extension FuzzTarget {
  /// The first byte chooses the type.
  static let taskValues = FuzzTarget("task-values") {
    try forms.enumerated().flatMap { index, form in try form.samples().map { [UInt8(index)] + $0 } }
  } check: { input in
    var script = Script(input)
    try script.choice(forms).check(script.all())
  }

  private struct Form: Sendable {
    let samples: @Sendable () throws -> [[UInt8]]
    let check: @Sendable ([UInt8]) throws -> Void

    init<Value: WireCodable & SendableMetatype>(_ samples: @escaping @Sendable () throws -> [Value]) {
      self.samples = { try samples().map(\.encoded) }
      check = { try checkValue(Value.self, $0) }
    }
  }

  private static let object = ObjectInfo(uri: "/in/a.parquet", size: 900, version: "7-1")
  private static let twoCentroids = Centroids([[1, 2.5], [-0.0, .infinity]], dimensions: 2)
  private static let moments = Moments(columns: [[1, 2, 3], [4, 4, 4]])
  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
  private static let day = ISO8601.millisecondsPerDay
  private static let file = StagedFile(name: "part-00000.parquet", staged: "/out/.x/part", rows: 3, bytes: 99)

  private static var tally: ScanTally {
    var tally = ScanTally(cap: 2, file: "f", beginsFile: false)
    tally.add(read: 3, lines: 4)
    tally.addIgnored(9)
    tally.reject(.malformed) {
      RejectedLine(file: "f", number: $0, offset: 7, reason: .malformed, line: [0x7b, 0xff])
    }
    return tally
  }

  private static var result: FeaturesResult {
    var result = FeaturesResult(rows: 3, tally: tally, fails: false)
    result.files = [file]
    result.sideFiles = [file]
    return result
  }

  private static var range: TimeRange {
    get throws {
      guard let range = TimeRange(start: 20_000 * day, end: 20_002 * day) else {
        throw Finding("no such range")
      }
      return range
    }
  }

  private static var berlin: TimeRange {
    get throws {
      guard let range = TimeRange(timeZone: "Europe/Berlin", days: 20_000...20_200) else {
        throw Finding("no such time zone")
      }
      return range
    }
  }

  private static let forms: [Form] = [
    Form { Samples.failures },
    Form { [try Endpoint("[::1]:7077"), try Endpoint("memory:w")] },
    Form { [InputSplit(object: object, start: 0, end: 900, codec: .gzip)] },
    Form { [file] },
    Form { [try StagingArea(output: "/out", run: "job-1")] },
    Form { [try range, try berlin] },
    Form { [tally, ScanTally(cap: 0)] },
    Form {
      [
        FeaturesParameters(
          range: try range, sessionGap: 1_800_000, rejectedCap: 5,
          staging: try StagingArea(output: "/out", run: "r"), runBytes: 1 << 20,
          maxRejectedShare: 0.05)
      ]
    },
    Form { [result] },
    Form {
      [
        ShardInput(
          split: TableSplit(object: object, format: "parquet", range: 1..<2, rows: 5, bytes: 90), rows: 5,
          firstRowOfFile: 5, firstRow: 10)
      ]
    },
    Form {
      [MatrixSource(columns: ["a", "b"], fill: 0, transform: Transform(moments, standardize: true))]
    },
    Form {
      [
        MomentsOperator.Result(moments: moments, fault: nil),
        MomentsOperator.Result(moments: moments, fault: ValueFault(location: "row 1", message: "is null")),
      ]
    },
    Form { [SampleWork(seed: 1, threshold: 5, row: nil), SampleWork(seed: .max, threshold: nil, row: 3)] },
    Form { [SampleWork.Result(totalSquares: 3, points: PointList())] },
    Form { [CandidatesWork(candidates: twoCentroids, seed: 3, round: 1, expected: 2)] },
    Form { [CandidatesWork.Result(cost: 3, points: PointList())] },
    Form { [SumsWork(starts: [twoCentroids, twoCentroids])] },
    Form { [FarthestWork(centroids: twoCentroids, count: 2)] },
    Form { [EvaluateWork(models: [twoCentroids])] },
    Form {
      [
        AssignWork(
          centroids: twoCentroids, unit: 1, idColumn: "user_id",
          staging: try StagingArea(output: "/out", run: "r"))
      ]
    },
    Form { [WireList([ClusterSums(clusters: 2, dimensions: 2)])] },
    Form { [try WireList<FarPoint>(decoding: [1, 1] + zeros(8) + [0] + zeros(8) + [1] + zeros(4))] },
    Form { [WireList([Evaluation(clusters: 2)])] },
    Form { [Settings(["s3.endpoint": "http://h:1", "kafka.acks": "all"]), Settings()] },
  ]
}
