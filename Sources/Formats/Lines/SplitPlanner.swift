import Storage

/// Cuts listed objects of lines into splits. Depends on the objects alone, never on who will read them.
package enum SplitPlanner {
  /// More than this many splits of one object would only cost memory; they get longer instead.
  static let maxSplitsPerObject: Int64 = 100_000

  /// Uncompressed objects are cut into ranges of nearly equal length, none over `targetBytes`; compressed ones stay whole; empty
  /// ones give none.
  package static func lineSplits(of objects: [ObjectInfo], targetBytes: Int64 = 32 << 20) -> [InputSplit] {
    var splits: [InputSplit] = []
    for object in objects where object.size > 0 {
      guard Codec(uri: object.uri) == .none else {
        splits.append(InputSplit(object: object, start: 0, end: object.size))
        continue
      }
      let target = max(1, targetBytes)
      let count = min(maxSplitsPerObject, (object.size - 1) / target + 1)
      let (length, longer) = object.size.quotientAndRemainder(dividingBy: count)
      var start: Int64 = 0
      for index in 0..<count {
        let end = start + length + (index < longer ? 1 : 0)
        splits.append(InputSplit(object: object, start: start, end: end))
        start = end
      }
    }
    return splits
  }
}
