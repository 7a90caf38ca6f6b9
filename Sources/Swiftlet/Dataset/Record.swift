/// A value that flows through a pipeline. Structs of `Bool`, numbers, `String`, `Date`, `Data`, enums with raw values,
/// optionals, arrays and other records only need to conform to `Record`.
///
/// A record has one byte form (``RecordBytes``), in which it is sent, hashed, compared and sorted. So a custom `encode(to:)`
/// must write the fields that `init(from:)` reads, in the same order. Dictionaries and sets, which have no order, and enums
/// with associated values are rejected with an error.
public typealias Record = Codable & Sendable

/// A value with the key it was grouped by. In files, the columns are `key` and `value`.
public struct Keyed<Key: Record, Value: Record>: Record {
  public var key: Key
  public var value: Value

  public init(key: Key, value: Value) {
    self.key = key
    self.value = value
  }
}

extension Keyed: Equatable where Key: Equatable, Value: Equatable {}

/// A record of one dataset paired with a record of another that has the same key.
public struct Joined<Left: Record, Right: Record>: Record {
  public var left: Left
  public var right: Right

  public init(left: Left, right: Right) {
    self.left = left
    self.right = right
  }
}

extension Joined: Equatable where Left: Equatable, Right: Equatable {}

/// An error for an invalid record. Throw it from a closure of a pipeline (or an `init(from:)`): the job fails at once, and the
/// error includes the record's file and offset. Any other error counts as transient: the task is tried up to four times, on
/// other workers if possible.
public struct RecordError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
