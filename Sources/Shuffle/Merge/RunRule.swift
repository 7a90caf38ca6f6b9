/// Decides where a map task ends a run of its output. Only the input counts, never the worker's memory: floating-point sums depend
/// on where runs end, and must be the same on every machine.
public struct RunRule {
  private let bytes: Int
  private let records: Int
  private let interval: Int
  private var recordsInRun = 0
  /// Records until the size is checked again.
  public private(set) var untilCheck: Int

  /// - Parameters:
  ///   - bytes: Size of the partial results at which a run ends.
  ///   - records: Records at which a run ends whatever its size.
  ///   - interval: Records between two checks, for when a check costs more than a record.
  public init(bytes: Int, records: Int = .max, interval: Int = 1) {
    self.bytes = bytes
    self.records = records
    self.interval = interval
    untilCheck = interval
  }

  /// - Parameters:
  ///   - count: Records added since the last call; ``untilCheck`` at most.
  ///   - byteCount: Size of the partial results.
  /// - Returns: Whether the run ends after these records.
  public mutating func endsRun(after count: Int, byteCount: @autoclosure () -> Int) -> Bool {
    recordsInRun += count
    untilCheck -= count
    guard untilCheck == 0 else { return false }
    untilCheck = interval
    guard recordsInRun >= records || byteCount() >= bytes else { return false }
    recordsInRun = 0
    return true
  }
}
