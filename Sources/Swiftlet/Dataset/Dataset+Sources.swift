import Basics
import Storage
import Wire

extension Dataset where Element == String {
  /// The non-blank lines of text files (UTF-8), without their line terminators. Files compressed with gzip, zstd, bzip2 or xz
  /// are recognized by their first bytes, regardless of their names. Hidden names (`_`, `.`) are skipped.
  public init(lines path: DataPath) {
    let source = LineSource(path: path)
    self.init(input: .source(source), steps: [source.name]) { task, emit in
      try LineSource.forEachLine(task) { line in
        guard let text = JSONScanner.validated(line) else {
          throw RecordError("expected text, found bytes that are not UTF-8")
        }
        try emit(text)
      }
    }
  }
}

extension Dataset where Element: Decodable & SendableMetatype {
  /// One record per line of JSON Lines files, compressed or not. Fields that the record type does not have are ignored. A line
  /// that does not match the record type makes the job fail with the file and byte offset.
  public init(jsonLines path: DataPath) {
    let source = LineSource(path: path)
    self.init(input: .source(source), steps: ["JSON " + source.name]) { task, emit in
      let json = JSONLine()
      try LineSource.forEachLine(task) { line in
        let element: Element
        do {
          element = try json.decode(Element.self, from: line)
        } catch let error as RecordError {
          throw RecordError("is no \(typeName(Element.self)): \(error.description)")
        }
        try emit(element)
      }
    }
  }

  /// One record per row of Parquet files, regardless of their names. Only the columns that the record type uses are read. The
  /// job fails, naming the cause, if the record type uses a nested column or a file is not Parquet.
  public init(parquet path: DataPath) {
    let source = ParquetSource(path: path)
    self.init(input: .source(source), steps: [source.name]) { task, emit in
      try ParquetSource.forEachRow(task, of: Element.self, emit)
    }
  }
}

extension Dataset where Element: Record {
  /// Records in memory, such as a small table to join with. They are sent to workers inside the tasks.
  public init(_ elements: [Element]) {
    let source = ValueSource(elements: elements)
    self.init(input: .source(source), steps: [source.name]) { task, emit in
      let elements = try RecordBytes.decode([Element].self, from: task.context.input)
      task.file = "values"
      for (index, element) in elements.enumerated() {
        try task.step()
        task.position = .element(index)
        try emit(element)
      }
      task.position = .unknown
      task.metrics.rowsRead = elements.count
    }
  }
}

private struct ValueSource<Element: Record>: Source {
  /// Number of records per task.
  private static var slice: Int { 10_000 }

  let elements: [Element]
  var name: String { "\(elements.count) values" }

  func plan(_ settings: Settings) throws -> SourcePlan {
    let tasks = try stride(from: 0, to: elements.count, by: ValueSource.slice).map { start in
      try RecordBytes.encode(Array(elements[start..<min(start + ValueSource.slice, elements.count)]))
    }
    // Represents the values among the things that the output depends on.
    let hash = tasks.reduce(UInt64(0)) { XXH3.hash($1, seed: $0) }
    let bytes = tasks.reduce(0) { $0 + $1.count }
    let object = ObjectInfo(uri: "values", size: Int64(bytes), version: String(hash, radix: 16))
    return SourcePlan(tasks: tasks, objects: [object], bytes: Int64(bytes))
  }
}
