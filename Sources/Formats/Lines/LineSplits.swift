import Basics
import Storage

/// Objects of lines, cut into splits. Depends on the objects alone, never on who will read them.
package struct LineSplits: Sendable {
  /// More than this many splits of one object would only cost memory; they get longer instead.
  static let mostPerObject: Int64 = 100_000

  package private(set) var splits: [InputSplit] = []
  /// A guess at the bytes of text in all of them.
  package private(set) var textBytes: Int64 = 0

  /// Uncompressed objects are cut into ranges of nearly equal length, none over `targetBytes`; compressed ones stay whole; empty
  /// ones give no split. The first bytes of an object tell which it is. Only objects that could be cut are looked at here,
  /// several at a time; the others are looked at by whoever reads them.
  /// - Throws: `StorageError.invalid` for an object that does not hold lines.
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

  /// The splits of one object.
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
  /// How lines of this kind are compressed.
  /// - Throws: `StorageError.corrupt` for a kind that holds no lines.
  func codec(of uri: String) throws(StorageError) -> Codec {
    switch self {
    case .empty, .text: return .none
    case .compressed(let codec): return codec
    case .parquet, .foreign:
      throw .corrupt(place: uri, message: "looks like \(self); expected lines of text")
    }
  }
}
