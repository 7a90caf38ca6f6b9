import Storage

/// Finds the elements of a JSON array, or of values that follow one another, in a window of text that moves on.
struct JSONElements {
  enum Found {
    case element(Range<Int>)
    /// The window ends before the element does.
    case incomplete
    case end
  }

  private enum State { case beforeAll, first, afterElement, afterComma, sequence, ended }

  private let uri: String
  private var state = State.beforeAll
  /// The next byte to look at. Everything before it is done with.
  private(set) var position = 0
  /// Line ends passed since ``moved(by:)``.
  private(set) var lines = 0

  init(uri: String) { self.uri = uri }

  /// The window's first bytes were dropped; lines count from 0 again.
  mutating func moved(by count: Int) {
    position -= count
    lines = 0
  }

  /// - Parameters:
  ///   - isFinal: Nothing follows the window.
  ///   - offset: Of the window in the text, for errors.
  mutating func next(_ text: UnsafeRawBufferPointer, isFinal: Bool, offset: Int64) throws -> Found {
    func fault(_ message: String) -> StorageError {
      .corrupt(location: "\(uri): byte \(offset + Int64(position))", message: message)
    }
    while true {
      skipSpace(text)
      guard position < text.count else {
        guard isFinal else { return .incomplete }
        if state == .beforeAll || state == .sequence || state == .ended { return .end }
        throw fault("the JSON array is not closed")
      }
      let byte = text[position]
      switch state {
      case .beforeAll:
        state = byte == UInt8(ascii: "[") ? .first : .sequence
        if state == .first { position += 1 }
      case .ended: throw fault("text after the end of the JSON array")
      case .first where byte == UInt8(ascii: "]"), .afterElement where byte == UInt8(ascii: "]"):
        state = .ended
        position += 1
      case .afterElement:
        guard byte == UInt8(ascii: ",") else { throw fault("expected , or ] in a JSON array") }
        state = .afterComma
        position += 1
      case .first, .afterComma, .sequence:
        guard let end = end(text, isFinal) else {
          guard isFinal else { return .incomplete }
          throw fault("a JSON value is not closed")
        }
        guard end > position else { throw fault("expected a JSON value") }
        let element = position..<end
        for byte in text[element] where byte == 0x0a { lines += 1 }
        position = end
        if state != .sequence { state = .afterElement }
        return .element(element)
      }
    }
  }

  private mutating func skipSpace(_ text: UnsafeRawBufferPointer) {
    while position < text.count {
      switch text[position] {
      case 0x0a: lines += 1
      case 0x20, 0x09, 0x0d: break
      default: return
      }
      position += 1
    }
  }

  /// The end of the element at `position`; nil if the window ends first.
  private func end(_ text: UnsafeRawBufferPointer, _ isFinal: Bool) -> Int? {
    var index = position
    var depth = 0
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "\""):
        index += 1
        while index < text.count, text[index] != UInt8(ascii: "\"") {
          index += text[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        if index >= text.count { return nil }
        if depth == 0 { return index + 1 }
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return index }
        depth -= 1
        if depth == 0 { return index + 1 }
      case 0x20, 0x09, 0x0a, 0x0d, UInt8(ascii: ","): if depth == 0 { return index }
      default: break
      }
      index += 1
    }
    return depth == 0 && isFinal ? index : nil
  }
}
