import Glibc

/// A name compared by its bytes, as files, objects and columns are named. Swift's `String` takes the composed and the
/// decomposed form of "é" for equal; they are two names.
package struct ExactName: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let text: String

  package init(_ text: String) { self.text = text }

  package static func == (a: ExactName, b: ExactName) -> Bool { a.text.hasSameBytes(as: b.text) }

  /// The order of bytes.
  package static func < (a: ExactName, b: ExactName) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }

  package var description: String { text }
}

extension String {
  package func hasSameBytes(as other: String) -> Bool {
    let (a, b) = (utf8, other.utf8)
    guard a.count == b.count else { return false }
    let isEqual = a.withContiguousStorageIfAvailable { x in
      b.withContiguousStorageIfAvailable { y in
        guard let left = x.baseAddress, let right = y.baseAddress else { return true }
        return memcmp(left, right, x.count) == 0
      }
    }
    return (isEqual ?? nil) ?? a.elementsEqual(b)
  }
}
