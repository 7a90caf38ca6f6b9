import Basics
import Formats
import Storage

/// The files for the events of one split, one per UTC date: `dt=YYYY-MM-DD/part-….jsonl.zst`.
///
/// A file is a sequence of zstd frames of 128 KiB of lines each, all made by one compressor: an open file costs its buffers, not
/// the megabytes of a compressor of its own.
final class DateFiles {
  /// More dates in one split are a mistake, and would need as many open files.
  static let mostDates = 512
  /// Bytes of lines per frame. Four times as much would make files 4 % smaller, and the buffers of 21 dates too large for the cache.
  private static let frameBytes = 128 << 10

  private final class File {
    let sink: StagedSink
    var lines: [UInt8] = []
    var rows = 0

    init(_ sink: StagedSink) {
      self.sink = sink
      // Growing step by step would touch twice as much memory.
      lines.reserveCapacity(DateFiles.frameBytes)
    }
  }

  private let staging: StagingArea
  private let attempt: String
  private let part: String
  private let zstd = Zstd(level: 1, checksum: true)
  private let frame: UnsafeMutableRawBufferPointer
  private var files: [Int: File] = [:]
  private var last: (day: Int, file: File)?

  /// - Parameter part: The name of each file, without its suffix.
  init(staging: StagingArea, attempt: String, part: String) {
    self.staging = staging
    self.attempt = attempt
    self.part = part
    frame = .allocate(byteCount: zstd.maxCompressedSize(of: DateFiles.frameBytes), alignment: 64)
  }

  deinit { frame.deallocate() }

  /// - Parameters:
  ///   - day: Days since 1970-01-01.
  ///   - lines: Whole lines with their line ends.
  func append(_ lines: UnsafeRawBufferPointer, rows: Int, day: Int) throws {
    let file = try self.file(day)
    file.rows += rows
    var rest = lines
    while !rest.isEmpty {
      let count = min(DateFiles.frameBytes - file.lines.count, rest.count)
      file.lines.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest[..<count]))
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      if file.lines.count == DateFiles.frameBytes { try writeFrame(file) }
    }
  }

  /// Closes all files.
  func close() throws -> [StagedFile] {
    try files.sorted { $0.key < $1.key }.map { _, file in
      try writeFrame(file)
      try file.sink.close()
      return try file.sink.stagedFile(rows: file.rows)
    }
  }

  func abort() { for file in files.values { file.sink.abort() } }

  @inline(__always)
  private func file(_ day: Int) throws -> File {
    if let last, last.day == day { return last.file }
    let file = try files[day] ?? open(day)
    last = (day, file)
    return file
  }

  private func open(_ day: Int) throws -> File {
    guard files.count < DateFiles.mostDates else {
      throw StorageError.invalid(
        location: part,
        message:
          "its events have more than \(DateFiles.mostDates) different dates; a lower maxOffsetsPerSplit "
          + "makes them fewer per split")
    }
    let name = "dt=\(CivilDate.text(day))/\(part).jsonl.zst"
    let file = File(try staging.create(name: name, attempt: attempt))
    files[day] = file
    return file
  }

  private func writeFrame(_ file: File) throws {
    guard !file.lines.isEmpty else { return }
    let count: Int
    do {
      count = try file.lines.withUnsafeBytes { try zstd.compress($0, into: frame) }
    } catch let error as CodecError {
      throw StorageError.invalid(location: part, message: error.description)
    }
    try file.sink.write(UnsafeRawBufferPointer(rebasing: frame[..<count]))
    file.lines.removeAll(keepingCapacity: true)
  }
}
