import Columns

/// `to_char` of numbers: `9` and `0` stand for digits, `.` or `D` for the point, `,` or `G` between groups, `S`, `MI`, `PL` and `SG`
/// for the sign, `FM` for no padding; other characters stand for themselves.
struct NumberPattern {
  private enum Part: Equatable {
    case digit(isZero: Bool)
    case point, group, sign
    case literal(UInt8)
    case minus, plus
  }

  private var parts: [Part] = []
  private var isPadded = true

  private init(_ pattern: String) throws {
    var rest = Array(pattern.utf8)[...]
    func next(_ word: String) -> Bool {
      guard String(decoding: rest.prefix(2), as: UTF8.self).uppercased() == word else { return false }
      rest.removeFirst(2)
      return true
    }
    while let byte = rest.first {
      if next("FM") {
        isPadded = false
      } else if next("MI") {
        parts.append(.minus)
      } else if next("PL") {
        parts.append(.plus)
      } else if next("SG") {
        parts.append(.sign)
      } else {
        rest.removeFirst()
        switch byte {
        case UInt8(ascii: "9"): parts.append(.digit(isZero: false))
        case UInt8(ascii: "0"): parts.append(.digit(isZero: true))
        case UInt8(ascii: "."), UInt8(ascii: "D"), UInt8(ascii: "d"): parts.append(.point)
        case UInt8(ascii: ","), UInt8(ascii: "G"), UInt8(ascii: "g"): parts.append(.group)
        case UInt8(ascii: "S"), UInt8(ascii: "s"): parts.append(.sign)
        case UInt8(ascii: "\""):
          while let quoted = rest.popFirst(), quoted != UInt8(ascii: "\"") { parts.append(.literal(quoted)) }
        default: parts.append(.literal(byte))
        }
      }
    }
    guard parts.count(where: { $0 == .point }) <= 1 else {
      throw QueryError("a pattern of a number has one point at most")
    }
  }

  /// The number of digits after the point.
  private var scale: Int {
    guard let point = parts.firstIndex(of: .point) else { return 0 }
    return parts[point...].count { if case .digit = $0 { true } else { false } }
  }

  /// - Parameter value: In units of 10^-scale.
  private func append(_ value: Int128, to bytes: inout [UInt8]) {
    let scale = scale
    let count = parts.count { if case .digit = $0 { true } else { false } }
    let isNegative = value < 0
    var digits = Array(String(value.magnitude).utf8)
    if digits.count <= scale {
      digits.insert(contentsOf: repeatElement(0x30, count: scale + 1 - digits.count), at: 0)
    }
    // Before the point, 0 is not a digit of its own.
    var whole = Array(digits.dropLast(scale))
    if whole == [0x30], scale > 0 { whole = [] }
    let fraction = Array(digits.suffix(scale))
    let room = count - scale
    let isTooLong = whole.count > room
    var position = 0
    var hasStarted = false
    var isAfterPoint = false
    var text: [UInt8] = []
    let hasSign = parts.contains { $0 == .sign || $0 == .minus || $0 == .plus }
    let firstZero =
      parts.filter { if case .digit = $0 { true } else { false } }.firstIndex(of: .digit(isZero: true))
      ?? count
    var signPosition: Int?
    for part in parts {
      switch part {
      case .digit:
        if isTooLong {
          text.append(UInt8(ascii: "#"))
          if signPosition == nil { signPosition = text.count - 1 }
        } else if isAfterPoint {
          text.append(fraction[position - room])
        } else {
          let index = position - (room - whole.count)
          if index >= 0 || position >= firstZero || position == room - 1 && scale == 0 {
            if signPosition == nil { signPosition = text.count }
            text.append(index >= 0 ? whole[index] : 0x30)
            hasStarted = true
          } else if isPadded {
            text.append(0x20)
          }
        }
        position += 1
      case .point:
        if signPosition == nil { signPosition = text.count }
        text.append(UInt8(ascii: "."))
        isAfterPoint = true
      case .group:
        if hasStarted || isTooLong { text.append(UInt8(ascii: ",")) } else if isPadded { text.append(0x20) }
      case .sign: text.append(UInt8(ascii: isNegative ? "-" : "+"))
      case .minus: if isNegative { text.append(UInt8(ascii: "-")) } else if isPadded { text.append(0x20) }
      case .plus: if !isNegative { text.append(UInt8(ascii: "+")) } else if isPadded { text.append(0x20) }
      case .literal(let byte): text.append(byte)
      }
    }
    if !hasSign {
      if isNegative {
        text.insert(UInt8(ascii: "-"), at: signPosition ?? 0)
      } else if isPadded {
        text.insert(0x20, at: 0)
      }
    }
    // FM drops zeros at the end that stand for a 9.
    if !isPadded, isAfterPoint {
      for part in parts.reversed() {
        guard part == .digit(isZero: false), text.last == 0x30 else { break }
        text.removeLast()
      }
    }
    bytes += text
  }

  private static let errors = "an error for a pattern that is wrong, or a number of over 38 digits"

  static let double = Overload(
    [.exactly(.double), .exactly(.string)], result: { _ in .string }, errors: errors
  ) {
    let numbers: (Int) -> Double = try $0.reader(0)
    return try print($0) { row, scale in
      var text = numbers(row).description
      return text.withUTF8 { ValueParser.decimal(UnsafeRawBufferPointer($0), precision: 38, scale: scale) }
    }
  }

  static let decimal = Overload([.decimal, .exactly(.string)], result: { _ in .string }, errors: errors) {
    arguments in
    guard let (_, own) = Decimals.parts(arguments.vectors[0].type) else { throw arguments.storageError(0) }
    let numbers = try arguments.wide(0)
    let mask = arguments.vectors[0].isConstant ? 0 : -1
    return try print(arguments) { row, scale in
      Decimals.rescaled(numbers[row & mask], from: own, to: scale, precision: 38)
    }
  }

  private static func print(_ arguments: Arguments, _ number: (Int, Int) -> Int128?) throws -> Column {
    try arguments.withStrings(1) { patterns in
      let constant = arguments.vectors[1].isConstant ? try NumberPattern(patterns.text(0)) : nil
      return try arguments.strings { row, bytes in
        let pattern = try constant ?? NumberPattern(patterns.text(row))
        guard let value = number(row, pattern.scale) else {
          throw QueryError("the number has over 38 digits, or is not finite")
        }
        pattern.append(value, to: &bytes)
      }
    }
  }
}
