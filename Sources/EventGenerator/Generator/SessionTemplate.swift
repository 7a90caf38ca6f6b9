/// The parts of a line that all events of a session share, ready to copy.
struct SessionTemplate {
  static let size = 512
  /// Length of a user id in bytes.
  static let userIDLength = 9
  /// Offset of the user id in the second part.
  static let userIDOffset = 12

  private static let secondStart = 32
  private static let thirdStart = 160

  private var secondLength: UInt16 = 0
  private var thirdLength: UInt16 = 0

  /// Writes the parts to `memory`, which has ``size`` bytes.
  init(
    at memory: UnsafeMutableRawPointer, session: ActiveSession, profile: UserProfile, device: Int,
    hasSessionID: Bool, seed: UInt64, text: SiteText
  ) {
    var first = LineWriter(memory)
    first.literal(#"{"event_id":""#)
    first.hexadecimal(session.key, digits: 16)
    first.literal("-")

    var second = LineWriter(memory + SessionTemplate.secondStart)
    second.literal(#","user_id":""#)
    SessionTemplate.userID(session.user, seed: seed, to: &second)
    if hasSessionID {
      second.literal(#"","session_id":""#)
      second.hexadecimal(session.key, digits: 16)
    }
    second.literal(#"","page_url":"https://shop.example"#)
    secondLength = UInt16(second.position - memory - SessionTemplate.secondStart)

    var third = LineWriter(memory + SessionTemplate.thirdStart)
    third.literal(#"","#)
    third.copy(text.device(device))
    third.literal(#","country":""#)
    third.copy(text.country(Int(profile.country)))
    switch profile.variant {
    case 1: third.literal(#"","experiment":"checkout_button","variant":"control""#)
    case 2: third.literal(#"","experiment":"checkout_button","variant":"treatment""#)
    default: third.literal(#"""#)
    }
    thirdLength = UInt16(third.position - memory - SessionTemplate.thirdStart)
  }

  func first(_ memory: UnsafeMutableRawPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: memory, count: 30)
  }

  func second(_ memory: UnsafeMutableRawPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: memory + SessionTemplate.secondStart, count: Int(secondLength))
  }

  func third(_ memory: UnsafeMutableRawPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: memory + SessionTemplate.thirdStart, count: Int(thirdLength))
  }

  /// `u` and eight hexadecimal digits that do not reveal the order of users.
  static func userID(_ user: UInt32, seed: UInt64, to writer: inout LineWriter) {
    writer.literal("u")
    let key = UInt32(truncatingIfNeeded: SplitMix64.mix(seed))
    writer.hexadecimal(UInt64(SplitMix64.mix32(user ^ key)), digits: 8)
  }
}
