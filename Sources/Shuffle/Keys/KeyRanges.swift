/// Cuts keys into consecutive ranges.
public struct KeyRanges {
  /// The first key of every range but the first, in ascending order.
  private let boundaries: [[UInt8]]

  public init(boundaries: [[UInt8]]) { self.boundaries = boundaries }

  /// Up to `count` ranges with about the same number of keys; at least two.
  /// - Parameters:
  ///   - keys: Number of keys, or of samples.
  ///   - key: Returns one of them; ascending, duplicates allowed.
  /// - Returns: nil if there is only one distinct key.
  public init?(_ count: Int, keys: Int, key: (Int) -> [UInt8]) {
    guard keys > 1 else { return nil }
    var boundaries: [[UInt8]] = []
    var last = key(0)
    for index in 1..<count {
      let next = key(keys * index / count)
      guard ByteOrder.compare(last, next) < 0 else { continue }
      boundaries.append(next)
      last = next
    }
    if boundaries.isEmpty {
      // Nearly all keys are the same one.
      let end = key(keys - 1)
      guard ByteOrder.compare(last, end) < 0 else { return nil }
      boundaries = [end]
    }
    self.boundaries = boundaries
  }

  public var count: Int { boundaries.count + 1 }

  /// The number of the range that a key belongs to.
  public func range(of key: UnsafeRawBufferPointer) -> Int {
    var low = 0
    var high = boundaries.count
    while low < high {
      let middle = (low + high) / 2
      if boundaries[middle].withUnsafeBytes({ ByteOrder.precedes(key, $0) }) {
        high = middle
      } else {
        low = middle + 1
      }
    }
    return low
  }
}
