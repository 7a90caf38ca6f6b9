/// Combines the records of a key into one result. Each task adds its records to partial results. The partial results of all
/// tasks are then merged per key, in task order. So a task sends one partial result per key instead of its records.
///
/// Predefined aggregations: `.count`, `.sum`, `.mean`, `.min`, `.max` and `.top`. Define others with the four closures.
public struct Aggregation<Input, Partial: Record, Result>: Sendable {
  let start: @Sendable () -> Partial
  let add: @Sendable (inout Partial, Input) throws -> Void
  let merge: @Sendable (inout Partial, Partial) throws -> Void
  let finish: @Sendable (Partial) throws -> Result

  /// - Parameters:
  ///   - start: Returns the partial result for zero records.
  ///   - add: Adds a record to a partial result.
  ///   - merge: Adds the partial result of a later task to a partial result.
  ///   - finish: Turns a partial result into the result.
  public init(
    start: @escaping @Sendable () -> Partial, add: @escaping @Sendable (inout Partial, Input) throws -> Void,
    merge: @escaping @Sendable (inout Partial, Partial) throws -> Void,
    finish: @escaping @Sendable (Partial) throws -> Result
  ) {
    self.start = start
    self.add = add
    self.merge = merge
    self.finish = finish
  }
}

extension Aggregation where Partial == Int, Result == Int {
  /// Number of records.
  public static var count: Self {
    Self(start: { 0 }, add: { count, _ in count += 1 }, merge: { $0 = try total($0, $1) }, finish: { $0 })
  }

  /// Sum of integers. Overflow of 64 bits makes the job fail.
  public static func sum(_ value: @escaping @Sendable (Input) throws -> Int) -> Self {
    Self(
      start: { 0 }, add: { $0 = try total($0, value($1)) }, merge: { $0 = try total($0, $1) }, finish: { $0 })
  }

  private static func total(_ a: Int, _ b: Int) throws -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    if overflow { throw RecordError("a sum of integers overflows 64 bits") }
    return sum
  }
}

extension Aggregation where Partial == Double, Result == Double {
  /// Sum of floating-point numbers, added in input order.
  public static func sum(_ value: @escaping @Sendable (Input) throws -> Double) -> Self {
    Self(start: { 0 }, add: { $0 += try value($1) }, merge: { $0 += $1 }, finish: { $0 })
  }
}

extension Aggregation where Partial == [Double], Result == Double {
  /// Arithmetic mean.
  public static func mean(_ value: @escaping @Sendable (Input) throws -> Double) -> Self {
    Self(
      start: { [0, 0] },
      add: { partial, input in
        partial[0] += try value(input)
        partial[1] += 1
      },
      merge: { partial, other in for index in 0..<2 { partial[index] += other[index] } },
      finish: { $0[0] / $0[1] })
  }
}

extension Aggregation where Result: Record & Comparable, Partial == Result? {
  /// The smallest value.
  public static func min(_ value: @escaping @Sendable (Input) throws -> Result) -> Self {
    best(value) { $0 < $1 }
  }

  /// The largest value.
  public static func max(_ value: @escaping @Sendable (Input) throws -> Result) -> Self {
    best(value) { $0 > $1 }
  }

  private static func best(
    _ value: @escaping @Sendable (Input) throws -> Result,
    _ precedes: @escaping @Sendable (Result, Result) -> Bool
  ) -> Self {
    @Sendable func choose(_ best: inout Result?, _ other: Result) {
      if let current = best, !precedes(other, current) { return }
      best = other
    }
    return Self(
      start: { nil }, add: { choose(&$0, try value($1)) },
      merge: { partial, other in if let other { choose(&partial, other) } },
      finish: { partial in
        guard let partial else { throw RecordError("no value") }
        return partial
      })
  }
}

extension Aggregation {
  /// The `limit` records with the highest rank, best first; ties are broken by the smaller byte form.
  public static func top<Rank: Record>(
    _ limit: Int, by rank: @escaping @Sendable (Input) throws -> Rank
  ) -> Self where Input: Record, Partial == TopRecords, Result == [Input] {
    Self(
      start: { TopRecords() },
      add: { partial, input in
        let key = OrderedBytes(forKeys: true)
        try key.put(rank(input))
        try key.bytes.withUnsafeBytes { rank in
          guard partial.mayHold(rank, limit: limit) else { return }
          try RecordBytes.encode(input).withUnsafeBytes {
            partial.insert(RankedRecord(rank: rank, record: $0), limit: limit)
          }
        }
      },
      merge: { partial, other in for record in other.records { partial.insert(record, limit: limit) } },
      finish: { try $0.sorted.map { try $0.withBytes { try RecordBytes.decode(from: $1) } } })
  }
}
