import Basics
import Columns
import Engine
import Formats
import Foundation
import Jobs
import KMeans
import Storage
import Synchronization
import TestSupport
import Wire

/// Random numbers for tests, the same every time.
struct TestRandom {
  private var index: UInt64 = 0
  let seed: UInt64

  init(_ seed: UInt64) { self.seed = seed }

  mutating func uniform() -> Double {
    index += 1
    return CounterRandom.uniform(seed: seed, stream: 99, index: index)
  }

  /// Roughly normal: mean 0, standard deviation 1.
  mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + uniform() } }

  mutating func below(_ count: Int) -> Int { min(count - 1, Int(uniform() * Double(count))) }
}

/// A folder of its own, removed at the end, with feature tables and `segment` steps over them.
final class KMeansFixture {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func path(_ name: String) -> String { folder.path + "/" + name }

  /// Writes one file of a table: columns by name, and an id column `user_id` before them.
  func write(
    _ columns: [(String, ColumnValues)], to name: String, ids: ColumnValues? = nil,
    validity: [String: [Bool]] = [:], types: [String: ColumnType] = [:],
    rowGroupRows: Int = 1 << 17
  ) throws {
    let rows = columns.first?.1.count ?? 0
    let all =
      [("user_id", ids ?? .bytes(StringColumn((0..<rows).map { "u\($0)" })))] + columns
    let fields = all.map {
      ColumnField($0.0, types[$0.0] ?? KMeansFixture.type($0.1), nullable: validity[$0.0] != nil)
    }
    try FileManager.default.createDirectory(
      atPath: (path(name) as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    let sink = try ObjectStores.sink(for: path(name))
    let writer = try ParquetWriter(
      sink: sink, fields: fields, options: ParquetOptions(rowGroupRows: rowGroupRows))
    try writer.write(
      ColumnBatch(fields: fields, columns: all.map { Column($0.1, validity: validity[$0.0]) }, rows: rows))
    _ = try writer.finish()
    try sink.close()
  }

  /// Writes points as a table of `files` files with columns x0, x1 …
  func write(_ points: [[Double]], files: Int = 1, rowGroupRows: Int = 1 << 17, to name: String = "in") throws
  {
    for file in 0..<files {
      let range = file * points.count / files..<(file + 1) * points.count / files
      let part = points[range]
      try write(
        (points.first ?? []).indices.map { column in ("x\(column)", .double(part.map { $0[column] })) },
        to: "\(name)/part-\(file).parquet", ids: .bytes(StringColumn(range.map { "u\($0)" })),
        rowGroupRows: rowGroupRows)
    }
  }

  func step(_ values: [String: JSONValue]) throws -> SegmentStep {
    let paths: [String: JSONValue] = ["input": .string(path("in")), "output": .string(path("out"))]
    return try SegmentStep(FieldValues(SegmentStep.fields, paths.merging(values) { $1 }))
  }

  @discardableResult
  func run(
    _ values: [String: JSONValue], on session: SequentialSession? = nil, force: Bool = false
  ) throws -> StepReport {
    try step(values).run(session ?? KMeansFixture.session(), force: force)
  }

  static func session(
    order: SequentialSession.Order = .forward, losesCache: Bool = false, memory: Int = 1 << 30
  ) -> SequentialSession {
    SequentialSession(
      OperatorRegistry(SegmentStep.operators), order: order, losesCache: losesCache, memory: memory)
  }

  func model(_ output: String = "out") throws -> SegmentModel {
    try SegmentModel(json: ObjectStores.contents(of: path("\(output)/_model.json")))
  }

  /// Every file of an output, by name.
  func files(_ output: String = "out") throws -> [String: Data] { try folder.files(output) }

  private static func type(_ values: ColumnValues) -> ColumnType {
    switch values {
    case .bool: .bool
    case .int32: .int32
    case .int64: .int64
    case .float: .float
    case .double: .double
    default: .string
    }
  }

  /// Id and segment of every row, in order.
  func segments(_ output: String = "out") throws -> [(id: String, segment: Int32, distance: Double)] {
    var rows: [(String, Int32, Double)] = []
    for object in try LocalStore().list(path(output)) {
      let file = try ParquetFile(try LocalStore().open(object))
      for group in file.rowGroups.indices {
        let batch = try file.read(rowGroup: group, columns: ["user_id", "segment", "distance"])
        guard case .bytes(let ids) = batch.columns[0].values,
          case .int32(let segments) = batch.columns[1].values,
          case .double(let distances) = batch.columns[2].values
        else { continue }
        for row in 0..<batch.rows { rows.append((ids[row], segments[row], distances[row])) }
      }
    }
    return rows
  }

  /// The message of whatever a run throws.
  func failure(_ values: [String: JSONValue]) -> String? {
    do {
      try run(values)
      return nil
    } catch let failure as TaskFailure {
      return failure.message
    } catch {
      return "\(error)"
    }
  }

  /// `count` points around each of `centroids`, mixed.
  static func blobs(_ centroids: [[Double]], count: Int, spread: Double = 0.3, seed: UInt64 = 1) -> [[Double]]
  {
    var random = TestRandom(seed)
    return (0..<count * centroids.count).map { index in
      centroids[index % centroids.count].map { $0 + spread * random.normal() }
    }
  }
}
