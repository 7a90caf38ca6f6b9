import Columns

/// Takes casts off columns that are compared with constants, so that statistics of files can answer: `d::timestamp < '1995-01-01'`
/// becomes `d < '1995-01-01'`.
enum ComparisonCasts {
  private static let microsecondsPerDay: Int64 = 86_400_000_000

  static func removed(_ call: FunctionCall) -> Expr? {
    guard call.arguments.count == 2, let flipped = flipped[call.name] else { return nil }
    switch (call.arguments[0], call.arguments[1]) {
    case (.cast(let cast), .literal(let value, _)): return compared(cast, call.name, value, call.position)
    case (.literal(let value, _), .cast(let cast)): return compared(cast, flipped, value, call.position)
    default: return nil
    }
  }

  /// The operator with its sides exchanged.
  private static let flipped = ["=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="]

  private static func compared(
    _ cast: Cast, _ name: String, _ value: ScalarValue, _ position: Int32
  ) -> Expr? {
    guard case .int(let constant) = value, let (operation, bound) = narrowed(cast, name, constant) else {
      return nil
    }
    let literal = Expr.literal(.int(bound), cast.value.type)
    return .call(FunctionCall(operation, [cast.value, literal], .bool, position: position))
  }

  /// The comparison of the value without its cast; nil if it cannot be said so.
  private static func narrowed(_ cast: Cast, _ name: String, _ constant: Int64) -> (String, Int64)? {
    switch (cast.value.type, cast.type) {
    case (.date, .timestamp):
      let day = (Double(constant) / Double(microsecondsPerDay)).rounded(.down)
      guard abs(day) < Double(Int32.max) else { return nil }
      let isMidnight = constant % microsecondsPerDay == 0
      if isMidnight { return (name, constant / microsecondsPerDay) }
      // Between two days: `< noon` is `<= that day`.
      let before = constant >= 0 ? constant / microsecondsPerDay : constant / microsecondsPerDay - 1
      switch name {
      case "<", "<=": return ("<=", before)
      case ">", ">=": return (">", before)
      default: return nil
      }
    case (.int16, .int32), (.int16, .int64): return Int16(exactly: constant).map { (name, Int64($0)) }
    case (.int32, .int64): return Int32(exactly: constant).map { (name, Int64($0)) }
    default: return nil
    }
  }
}
