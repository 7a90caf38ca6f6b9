import CLinux
import Columns

/// Upper and lower case and characters of UTF-8. Case follows Unicode, with the same data on every machine.
enum Letters {
  static func isASCII(_ text: UnsafeRawBufferPointer) -> Bool { text.allSatisfy { $0 < 0x80 } }

  static func lowered(_ text: UnsafeRawBufferPointer) -> [UInt8] {
    var bytes: [UInt8] = []
    appendLowered(text, to: &bytes)
    return bytes
  }

  static func appendLowered(_ text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    if isASCII(text) {
      for byte in text { bytes.append(byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte) }
    } else {
      for scalar in scalars(text) { bytes += scalar.properties.lowercaseMapping.utf8 }
    }
  }

  static func appendUppered(_ text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    if isASCII(text) {
      for byte in text { bytes.append(byte &- UInt8(ascii: "a") < 26 ? byte & 0xdf : byte) }
    } else {
      // One character stays one: ß has no capital letter of its own.
      for scalar in scalars(text) {
        let upper = scalar.properties.uppercaseMapping
        if upper.unicodeScalars.count == 1 { bytes += upper.utf8 } else { append(scalar, to: &bytes) }
      }
    }
  }

  /// The first letter of each word in upper case, the others in lower case; words are of letters and digits.
  static func appendCapitalized(_ text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    var isInWord = false
    for scalar in scalars(text) {
      let mapped = isInWord ? scalar.properties.lowercaseMapping : scalar.properties.uppercaseMapping
      if mapped.unicodeScalars.count == 1 { bytes += mapped.utf8 } else { append(scalar, to: &bytes) }
      isInWord = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
  }

  static func scalars(_ text: UnsafeRawBufferPointer) -> String.UnicodeScalarView {
    String(decoding: text, as: UTF8.self).unicodeScalars
  }

  static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
    bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
  }

  // MARK: Characters

  static func count(_ text: UnsafeRawBufferPointer) -> Int {
    var count = 0
    for byte in text { count &+= byte & 0xc0 != 0x80 ? 1 : 0 }
    return count
  }

  /// The offset of character `index`; the end if there are fewer.
  static func offset(_ text: UnsafeRawBufferPointer, of index: Int) -> Int {
    if index <= 0 { return 0 }
    var seen = 0
    for position in 0..<text.count where text[position] & 0xc0 != 0x80 {
      if seen == index { return position }
      seen += 1
    }
    return text.count
  }

  /// The characters from `start` to before `end`, counted from 0.
  static func slice(_ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
    let from = offset(text, of: start)
    let rest = UnsafeRawBufferPointer(rebasing: text[from...])
    return UnsafeRawBufferPointer(rebasing: rest[..<offset(rest, of: end - max(0, start))])
  }
}

extension ByteText {
  /// The offset of the first occurrence from `start` on; nil if there is none.
  static func position(
    of part: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer, from start: Int = 0
  ) -> Int? {
    if part.isEmpty { return start }
    guard let base = text.baseAddress, start <= text.count else { return nil }
    return memmem(base + start, text.count - start, part.baseAddress, part.count).map {
      UnsafeRawPointer($0) - base
    }
  }
}
