import Columns

extension Aggregates {
  static let logic: [AggregateFunction] = [
    fold("bool_and", "Whether all values that are not null are true; null without values.", isAnd: true),
    fold("bool_or", "Whether any value is true; null without values.", isAnd: false),
    fold("every", "The same as bool_and.", isAnd: true),
    bits("bit_and", "The bits that all values have; null without values.", .and),
    bits("bit_or", "The bits that any value has; null without values.", .or),
    bits("bit_xor", "The bits that an odd number of values have; null without values.", .xor),
  ]

  private static func fold(_ name: String, _ help: String, isAnd: Bool) -> AggregateFunction {
    AggregateFunction(
      name, "\(name)(boolean)", help: help, resolve: Resolve.same { $0 == .bool },
      makeState: { _ in BoolFold(isAnd: isAnd) })
  }

  private static func bits(_ name: String, _ help: String, _ operation: BitOperation) -> AggregateFunction {
    AggregateFunction(
      name, "\(name)(integer)", help: help, resolve: Resolve.same { $0.isInteger },
      makeState: { arguments in
        if arguments[0] == .int64 { return BitFold<Int64>(operation) }
        return BitFold<Int32>(operation)
      })
  }
}
