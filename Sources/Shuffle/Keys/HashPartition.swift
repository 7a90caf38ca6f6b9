import Wire

/// The partition function of every shuffle by key.
public enum HashPartition {
  /// - Parameter hash: ``ByteKey/hash(owner:)``. Its upper half decides, because hash tables use the lower.
  public static func of(_ hash: UInt64, partitions: Int) -> Int {
    Int(((hash >> 32) &* UInt64(partitions)) >> 32)
  }

  /// Throws unless a task may write that many partitions.
  public static func check(_ partitions: Int) throws(TaskFailure) {
    guard (1...1 << 16).contains(partitions) else { throw .fatal("\(partitions) shuffle partitions") }
  }
}
