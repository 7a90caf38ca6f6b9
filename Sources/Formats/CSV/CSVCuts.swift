import CLinux
import Glibc
import Storage

/// Finds where records begin near given offsets of a large file, without reading all before them.
///
/// Whether an offset lies inside quotes depends on every byte before it. So all states are tried: the text that follows refutes the
/// wrong ones, because they soon come to agree with the right one, or because they would mean a record over
/// ``CSVRecords/longestRecord``, which is an error in any case. Where more than one state is left, there is no cut: the splits
/// on both sides become one. So a cut is exact, and a function of the file.
struct CSVCuts {
  private let reader: any ObjectReader
  private let machine: CSVMachine
  private let dialect: CSVDialect
  private let longest: Int64

  /// - Returns: The beginnings of records at or after `offsets`, each once, in order; 0 is always among them.
  static func starts(
    _ reader: any ObjectReader, _ layout: CSVLayout, _ offsets: [Int64],
    longest: Int = CSVRecords.longestRecord
  ) throws -> [Int64] {
    let cuts = CSVCuts(
      reader: reader, machine: CSVMachine(layout.dialect), dialect: layout.dialect, longest: Int64(longest))
    let found = try offsets.filter { $0 > layout.start }.compactMap { try cuts.start(after: $0) }
    return [0] + Set(found).filter { $0 > layout.start && $0 < reader.info.size }.sorted()
  }

  /// A state that may be the right one.
  fileprivate struct Candidate {
    var state: CSVMachine.State
    /// The latest beginning of the record that it is in; the offset asked for if that is earlier.
    var began: Int64
  }

  private func start(after offset: Int64) throws -> Int64? {
    var candidates = machine.states.map { Candidate(state: $0, began: offset) }
    /// The first record that begins in the state of ``outside``, while there is only one such state.
    var record: Int64?
    var position = offset
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    while position < reader.info.size {
      let count = try bytes.withUnsafeMutableBytes { try reader.read(at: position, into: $0) }
      guard count > 0 else { return nil }
      var index = 0
      while index < count {
        if record != nil, candidates.count == 2 {
          // One state outside of quotes and one inside: nothing but a quote can tell.
          index = passPlain(bytes, index, count, &candidates)
          if index == count { break }
        }
        step(bytes[index], at: position + Int64(index), &candidates)
        index += 1
        let outside = candidates.filter { !$0.isInside }
        if outside.count != 1 || candidates.count != 2 {
          // When states come to agree, either may have been the right one.
          record = nil
        } else if record == nil, outside[0].state == .recordStart {
          record = position + Int64(index)
        }
        if candidates.count == 1, candidates[0].state == .recordStart { return position + Int64(index) }
      }
      position += Int64(count)
      candidates.removeAll { position - $0.began > longest }
      // Every state would be an error: the reader of the split before says so.
      if candidates.isEmpty { return nil }
      if candidates.count == 1, !candidates[0].isInside, let record { return record }
      bytes = bytes.count < 1 << 20 ? [UInt8](repeating: 0, count: 1 << 20) : bytes
    }
    return nil
  }

  private func step(_ byte: UInt8, at position: Int64, _ candidates: inout [Candidate]) {
    for index in candidates.indices {
      let state = machine.next(candidates[index].state, byte)
      candidates[index].state = state
      if state == .recordStart || state == .afterCR { candidates[index].began = position + 1 }
    }
    // States that agree are one from now on.
    var kept = 0
    for index in candidates.indices {
      if let same = candidates[..<kept].firstIndex(where: { $0.state == candidates[index].state }) {
        candidates[same].began = max(candidates[same].began, candidates[index].began)
      } else {
        candidates[kept] = candidates[index]
        kept += 1
      }
    }
    candidates.removeLast(candidates.count - kept)
  }

  /// Passes bytes up to the next quote or escape: there, the state outside of quotes follows from the bytes after the last LF.
  private func passPlain(_ bytes: [UInt8], _ start: Int, _ end: Int, _ candidates: inout [Candidate]) -> Int {
    guard let outside = candidates.firstIndex(where: { !$0.isInside }),
      candidates.contains(where: { $0.state == .quoted })
    else { return start }
    return bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return start }
      var next = end
      for byte in [dialect.quote, dialect.escape] {
        guard let byte, let found = memchr(base + start, Int32(byte), next - start) else { continue }
        next = UnsafeRawPointer(found) - base
      }
      var from = start
      let after = swiftlet_after_last(base + start, next - start, 0x0a)
      if after > 0 {
        from = start + after
        candidates[outside].state = .recordStart
        // Only an earlier beginning could be refuted by its length.
        candidates[outside].began = .max / 2
      }
      for index in from..<next {
        candidates[outside].state = machine.next(candidates[outside].state, bytes[index])
      }
      return next
    }
  }
}

extension CSVCuts.Candidate {
  fileprivate var isInside: Bool { state == .quoted || state == .quoteInQuoted || state == .escaped }
}
