import Basics
import CSimdJSON
import Engine
import Formats
import Storage
import Wire

/// Reads the events of one split and aggregates them by user, partitioned for the shuffle.
package struct FeaturesMap: Operator {
  package static let name = "clickstream.features.map"

  private let parameters: FeaturesParameters

  package init(parameters: [UInt8]) throws {
    self.parameters = try FeaturesParameters(decoding: parameters)
  }

  package func run(_ task: any TaskContext) throws -> TaskOutput {
    let split = try InputSplit(decoding: task.input)
    let uri = split.object.uri
    let reader = try LineBlockReader(
      split: split, store: try ObjectStores.store(for: uri, settings: parameters.staging.settings))
    var scanner = try EventScanner()
    var runs = UserRuns(
      range: parameters.range, sessionGap: parameters.sessionGap, runBytes: parameters.runBytes,
      partitions: task.outputPartitions, emit: task.emit)
    var tally = ScanTally(cap: parameters.rejectedCap, file: uri, beginsFile: split.start == 0)
    var reported: Int64 = 0
    while let block = try reader.next() {
      try task.checkCancelled()
      var rest = block.bytes
      let before = tally.read
      while !rest.isEmpty {
        let lines = rest
        let offset = block.offset + Int64(block.bytes.count - rest.count)
        let events = try scanner.scan(&rest)
        let accepted = accept(events, of: lines, at: offset, uri, &tally)
        tally.add(read: events.count, lines: scanner.lines)
        try runs.add(UnsafeBufferPointer(accepted))
      }
      task.progress(rows: tally.read - before, bytes: Int(reader.bytesRead - reported))
      reported = reader.bytesRead
    }
    try runs.finish(tally)
    var output = TaskOutput()
    output.metrics.rowsRead = tally.read
    output.metrics.bytesRead = Int(reader.bytesRead)
    output.metrics.rowsWritten = runs.users
    return output
  }

  /// Moves the events that count to the front, in their order, and tallies the others.
  /// - Parameters:
  ///   - lines: The bytes that the events were scanned from.
  ///   - offset: The offset of the lines in their file.
  private func accept(
    _ events: UnsafeMutableBufferPointer<swiftlet_event>, of lines: UnsafeRawBufferPointer, at offset: Int64,
    _ uri: String, _ tally: inout ScanTally
  ) -> UnsafeMutableBufferPointer<swiftlet_event> {
    guard let first = events.baseAddress else { return events }
    var accepted = first
    for event in first..<first + events.count {
      if let reason = RejectReason(rawValue: event.pointee.reason) {
        tally.reject(reason) { linesBefore in
          let start = Int(event.pointee.line_offset)
          let end = start + Int(event.pointee.line_length)
          return RejectedLine(
            file: uri, number: linesBefore + lines[..<start].count { $0 == 0x0a } + 1,
            offset: offset + Int64(start), reason: reason, line: lines[start..<end])
        }
      } else if parameters.range.contains(event.pointee.timestamp) {
        if event.pointee.ignored != 0 { tally.addIgnored(event.pointee.ignored) }
        if accepted != event { accepted.pointee = event.pointee }
        accepted += 1
      } else {
        tally.addOutside(event.pointee.timestamp, parameters.range)
      }
    }
    return UnsafeMutableBufferPointer(start: first, count: accepted - first)
  }
}
