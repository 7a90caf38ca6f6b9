/// What flows through a pipeline: a `Codable` value. Structs of `Bool`, numbers, `String`, `Date`, `Data`, enums with a raw
/// type, optionals, arrays and other records need nothing but the word `Record`.
///
/// A record has one byte form (``RecordBytes``) by which it is moved between workers, hashed, compared and sorted, so a
/// custom `encode(to:)` must write the same fields, in the same order, that `init(from:)` reads. Dictionaries and
/// sets, which have no order, and enums with payloads are refused with an error that says so.
public typealias Record = Codable & Sendable

/// A value with the key that it was grouped by. As JSON and in Parquet: `key` and `value`.
public struct Keyed<Key: Record, Value: Record>: Record {
  public var key: Key
  public var value: Value

  public init(key: Key, value: Value) {
    self.key = key
    self.value = value
  }
}

extension Keyed: Equatable where Key: Equatable, Value: Equatable {}

/// A row of one dataset beside a row of another that has the same key.
public struct Joined<Left: Record, Right: Record>: Record {
  public var left: Left
  public var right: Right

  public init(left: Left, right: Right) {
    self.left = left
    self.right = right
  }
}

extension Joined: Equatable where Left: Equatable, Right: Equatable {}

/// Thrown by a closure of a pipeline (or an `init(from:)`) for a record that makes no sense: the job fails at once, naming
/// the file and the offset where the record began. Any other error counts as a matter of the moment: the task is tried
/// again elsewhere, four times at most.
public struct RecordError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
