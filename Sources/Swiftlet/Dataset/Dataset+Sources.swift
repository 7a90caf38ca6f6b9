import Basics
import Storage
import Wire

extension Dataset where Element == String {
  /// The non-blank lines of text files (UTF-8), without their line ends. Files compressed with gzip, zstd, bzip2 or xz are
  /// recognized by their first bytes, whatever their names. Hidden names (`_`, `.`) are left out.
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
  /// One record for each line of JSON Lines, compressed or not. Fields that the record does not have are ignored; a line that is
  /// not such a record fails the job, naming file and byte offset.
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

  /// One record for each row of Parquet files, whatever their names; only the columns that the record has are read. A nested
  /// column that the record asks for, or a file that is not Parquet, fails the job, naming it.
  public init(parquet path: DataPath) {
    let source = ParquetSource(path: path)
    self.init(input: .source(source), steps: [source.name]) { task, emit in
      try ParquetSource.forEachRow(task, of: Element.self, emit)
    }
  }
}

extension Dataset where Element: Record {
  /// Records in memory, such as a small table to join with; they travel in the tasks.
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
  /// Records of one task.
  private static var slice: Int { 10_000 }

  let elements: [Element]
  var name: String { "\(elements.count) values" }

  func plan(_ settings: Settings) throws -> SourcePlan {
    let tasks = try stride(from: 0, to: elements.count, by: ValueSource.slice).map { start in
      try RecordBytes.encode(Array(elements[start..<min(start + ValueSource.slice, elements.count)]))
    }
    // Stands for the values in what the output depends on.
    let hash = tasks.reduce(UInt64(0)) { XXH3.hash($1, seed: $0) }
    let bytes = tasks.reduce(0) { $0 + $1.count }
    let object = ObjectInfo(uri: "values", size: Int64(bytes), version: String(hash, radix: 16))
    return SourcePlan(tasks: tasks, objects: [object], bytes: Int64(bytes))
  }
}
