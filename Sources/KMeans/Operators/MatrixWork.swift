import Basics
import Engine
import Storage
import Wire

/// The source of the matrix, the same in every stage of a run.
package struct MatrixSource: Hashable, Sendable, WireCodable {
  package var columns: [String]
  package var fill: Double?
  /// The settings of the job.
  package var settings: Settings
  package var transform: Transform

  package init(columns: [String], fill: Double?, settings: Settings = Settings(), transform: Transform) {
    self.columns = columns
    self.fill = fill
    self.settings = settings
    self.transform = transform
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    (columns, fill, settings) = try Self.decodeColumns(from: &reader)
    transform = try reader.value()
    guard transform.origin.count == columns.count else { throw .invalid("transform of other columns") }
  }

  package func encode(to writer: inout ByteWriter) {
    Self.encode(columns, fill, settings, to: &writer)
    writer.value(transform)
  }

  static func encode(
    _ columns: [String], _ fill: Double?, _ settings: Settings, to writer: inout ByteWriter
  ) {
    writer.count(columns.count)
    for column in columns { writer.string(column) }
    writer.bool(fill != nil)
    writer.double(fill ?? 0)
    writer.value(settings)
  }

  static func decodeColumns(
    from reader: inout ByteReader
  ) throws(WireError) -> ([String], Double?, Settings) {
    var columns: [String] = []
    for _ in 0..<(try reader.count()) { columns.append(try reader.string()) }
    let hasFill = try reader.bool()
    let fill = try reader.double()
    return (columns, hasFill ? fill : nil, try reader.value())
  }
}

/// The work of a stage on each shard's matrix, sent as its parameters.
package protocol MatrixWork: WireCodable, Sendable {
  associatedtype Result: WireCodable
  static var operatorName: String { get }
  func run(_ matrix: PointMatrix, _ shard: ShardInput, _ task: any TaskContext) throws -> Result
}

/// The operator of every stage that works on the cached matrix.
package struct MatrixOperator<Work: MatrixWork>: Operator {
  package static var name: String { Work.operatorName }

  private let source: MatrixSource
  private let work: Work

  package init(parameters: [UInt8]) throws {
    var reader = ByteReader(parameters)
    source = try reader.value()
    work = try reader.value()
    try reader.expectEnd()
  }

  package static func parameters(_ source: MatrixSource, _ work: Work) -> [UInt8] {
    var writer = ByteWriter()
    writer.value(source)
    writer.value(work)
    return writer.bytes
  }

  package func run(_ task: any TaskContext) throws -> TaskOutput {
    let shard = try ShardInput(decoding: task.input)
    var metrics = TaskMetrics()
    let matrix = try Shard.cached(task, shard, columns: source.columns.count).matrix(source.transform) {
      metrics.rowsRead = shard.rows
      return try read(shard, task)
    }
    try task.checkCancelled()
    let result = try work.run(matrix, shard, task)
    task.progress(rows: shard.rows, bytes: matrix.bytes)
    return TaskOutput(result: result.encoded, metrics: metrics)
  }

  /// Reads a few columns at a time, to limit the float64 memory.
  private func read(_ shard: ShardInput, _ task: any TaskContext) throws -> PointMatrix {
    let bytes = shard.bytes(columns: source.columns.count, perValue: MemoryLayout<Float>.stride)
    guard bytes <= task.memory else {
      throw TaskFailure.fatal(
        "\(shard.object.uri), from row \(shard.firstRowOfFile): a row group of \(shard.rows) rows and "
          + "\(source.columns.count) columns needs \(bytes >> 20) MiB, but a slot has \(task.memory >> 20) MiB; write smaller row groups, "
          + "or give workers more --memory")
    }
    return try PointMatrix(rows: shard.rows, source.transform, together: 4) { column in
      try task.checkCancelled()
      let raw = try RawColumns(
        shard, columns: [source.columns[column]], fill: source.fill, settings: source.settings)
      // The first stage checked the values, and the file version has not changed.
      if let fault = raw.fault {
        throw TaskFailure.badInput(location: fault.location, message: fault.message)
      }
      return raw.columns[0]
    }
  }
}

extension Shard {
  static func cached(_ task: any TaskContext, _ shard: ShardInput, columns: Int) throws -> Shard {
    try task.cached { (Shard(), shard.bytes(columns: columns, perValue: MemoryLayout<Float>.stride)) }
  }
}
