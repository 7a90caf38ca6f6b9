import Basics
import Storage

/// Line-based objects, cut into splits. The splits depend only on the objects, never on who reads them.
package struct LineSplits: Sendable {
  /// More splits than this per object would only cost memory, so splits become longer instead.
  static let mostPerObject: Int64 = 100_000

  package private(set) var splits: [InputSplit] = []
  /// Estimated size of the text in all objects, in bytes.
  package private(set) var textBytes: Int64 = 0

  /// Cuts uncompressed objects into ranges of nearly equal length, none longer than `targetBytes`. Compressed objects stay
  /// whole, and empty objects produce no split. The first bytes of an object determine its kind. Only objects that could be cut
  /// are inspected here, several at a time; readers inspect the others.
  /// - Throws: `StorageError.invalid` for an object that does not contain lines.
  package init(_ objects: [ObjectInfo], in store: any ObjectStore, targetBytes: Int64 = 32 << 20) throws {
    let target = max(1, targetBytes)
    let large = objects.filter { $0.size > target }
    let codecs = try parallelMap(large) { try ContentKind(of: try store.open($0)).codec(of: $0.uri) }
    var known = zip(large, codecs).makeIterator()
    for object in objects where object.size > 0 {
      let codec = object.size > target ? known.next()?.1 : nil
      splits += LineSplits.cut(object, codec, target)
      let ratio = (codec ?? Codec(uri: object.uri)).expectedRatio
      textBytes = min(textBytes + min(object.size, 1 << 50) * ratio, 1 << 60)
    }
  }

  /// Returns the splits of one object.
  static func cut(_ object: ObjectInfo, _ codec: Codec?, _ target: Int64 = 32 << 20) -> [InputSplit] {
    guard codec == Codec.none else { return [InputSplit(object, codec: codec)] }
    let count = min(mostPerObject, (object.size - 1) / target + 1)
    let (length, longer) = object.size.quotientAndRemainder(dividingBy: count)
    var start: Int64 = 0
    return (0..<count).map { index in
      let end = start + length + (index < longer ? 1 : 0)
      defer { start = end }
      return InputSplit(object: object, start: start, end: end, codec: Codec.none)
    }
  }
}

extension ContentKind {
  /// Returns the compression of lines of this kind.
  /// - Throws: `StorageError.corrupt` for a kind that does not contain lines.
  func codec(of uri: String) throws(StorageError) -> Codec {
    switch self {
    case .empty, .text: return .none
    case .compressed(let codec): return codec
    case .parquet, .foreign:
      throw .corrupt(location: uri, message: "looks like \(self); expected lines of text")
    }
  }
}
