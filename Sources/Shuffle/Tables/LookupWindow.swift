import Columns
import Wire

/// Keys to be looked up in one table together, so that their cache misses overlap.
public struct LookupWindow: ~Copyable {
  /// Cache misses that memory serves at the same time.
  public static var size: Int { @inlinable get { 32 } }

  @usableFromInline struct Lookup: BitwiseCopyable {
    @usableFromInline var key: ByteKey
    @usableFromInline var hash: UInt64
    @usableFromInline var owner: UInt32

    @inlinable init(_ key: ByteKey, owner: UInt32) {
      self.key = key
      hash = key.hash(owner: owner)
      self.owner = owner
    }
  }

  @usableFromInline var lookups = FlatArray<Lookup>(capacity: LookupWindow.size)

  public init() {}

  @inlinable public var isFull: Bool { lookups.count == LookupWindow.size }

  /// - Parameter key: Must stay in memory until the window has run.
  @inlinable @inline(__always)
  public mutating func append(_ key: UnsafeRawBufferPointer, owner: UInt32 = 0) {
    lookups.append(Lookup(ByteKey(key), owner: owner))
  }

  /// Appends the number of each key to `numbers`, in order, and empties the window.
  public mutating func run(
    on table: inout KeyTable, into numbers: inout FlatArray<UInt32>
  ) throws(TaskFailure) {
    for index in 0..<lookups.count { table.prefetchSlot(hash: lookups[index].hash) }
    for index in 0..<lookups.count { table.prefetchEntry(table.candidate(hash: lookups[index].hash)) }
    for index in 0..<lookups.count {
      let lookup = lookups[index]
      numbers.append(UInt32(try table.intern(lookup.key, hash: lookup.hash, owner: lookup.owner)))
    }
    lookups.truncate(to: 0)
  }
}
