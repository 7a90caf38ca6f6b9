import Wire

/// Strings that a table numbers side by side: what one look-up waits for in memory, the others of its window wait for too.
struct LookupWindow: ~Copyable {
  /// Look-ups that memory has room for on their way.
  static let size = 32

  struct Lookup: BitwiseCopyable {
    var key: StringKey
    var hash: UInt64
    var owner: UInt32
  }

  private var lookups = FlatArray<Lookup>(capacity: LookupWindow.size)

  var isFull: Bool { lookups.count == LookupWindow.size }

  /// - Parameter string: Stays where it is until the window has run.
  @inline(__always)
  mutating func append(_ string: UnsafeRawBufferPointer, owner: UInt32 = 0) {
    let key = StringKey(string)
    lookups.append(Lookup(key: key, hash: key.hash(owner: owner), owner: owner))
  }

  /// Appends the number of each string, in their order, and empties the window.
  mutating func run(on table: inout StringTable, into numbers: inout FlatArray<UInt32>) throws(TaskFailure) {
    for index in 0..<lookups.count { table.prefetchSlot(hash: lookups[index].hash) }
    for index in 0..<lookups.count { table.prefetchEntry(table.candidate(hash: lookups[index].hash)) }
    for index in 0..<lookups.count {
      let lookup = lookups[index]
      numbers.append(UInt32(try table.intern(lookup.key, hash: lookup.hash, owner: lookup.owner)))
    }
    lookups.truncate(to: 0)
  }
}
