import Columns

extension Aggregates {
  static let sums: [AggregateFunction] = [
    AggregateFunction(
      "count", "count(*), count(value)", help: "The number of rows, or of values that are not null.",
      resolve: { arguments in
        arguments.count < 2 ? AggregateTypes(arguments: arguments, result: .int64, state: [.int64]) : nil
      },
      makeState: { _ in Count() }),
    AggregateFunction(
      "count_if", "count_if(boolean)", help: "The number of rows for which the condition is true.",
      resolve: Resolve.one {
        $0 == .bool ? AggregateTypes(arguments: [.bool], result: .int64, state: [.int64]) : nil
      },
      makeState: { _ in Count(isConditional: true) }),
    AggregateFunction(
      "sum", "sum(number)",
      help: """
        The sum; null without values. Of integers a bigint, of bigint decimal(38,0), of decimals decimal(38, same scale): a sum \
        that does not fit is an error. Of real and double precision a double precision, exactly rounded.
        """,
      resolve: Resolve.one { type in
        switch type {
        case .int16, .int32: integers(type, .int64)
        case .int64: integers(type, .decimal(precision: 38, scale: 0))
        case .decimal(_, let scale): integers(type, .decimal(precision: 38, scale: scale))
        case .float, .double:
          AggregateTypes(arguments: [.double], result: .double, state: ExactSums.stateTypes)
        default: nil
        }
      },
      makeState: { arguments in
        switch arguments[0] {
        case .double: DoubleSum(isAverage: false)
        case .int64: IntegerSum("sum", .int64, result: .decimal(precision: 38, scale: 0))
        case .decimal(_, let scale):
          IntegerSum("sum", arguments[0], result: .decimal(precision: 38, scale: scale))
        default: IntegerSum("sum", arguments[0], result: .int64)
        }
      }),
    AggregateFunction(
      "avg", "avg(number)",
      help: """
        The average; null without values. Of integers, real and double precision a double precision: the exact sum divided by the \
        number of values. Of decimals a decimal with 16 digits after the point, or as many as fit into 38, rounded half away from \
        zero.
        """,
      resolve: Resolve.one { type in
        switch type {
        case .int16, .int32, .int64: integers(type, .double)
        case .decimal: integers(type, average(of: type))
        case .float, .double:
          AggregateTypes(arguments: [.double], result: .double, state: ExactSums.stateTypes + [.int64])
        default: nil
        }
      },
      makeState: { arguments in
        switch arguments[0] {
        case .double: DoubleSum(isAverage: true)
        case .decimal: IntegerSum("avg", arguments[0], result: average(of: arguments[0]))
        default: IntegerSum("avg", arguments[0], result: .double)
        }
      }),
  ]

  @Sendable private static func integers(_ type: ColumnType, _ result: ColumnType) -> AggregateTypes {
    AggregateTypes(arguments: [type], result: result, state: IntegerSums.stateTypes(type))
  }

  @Sendable private static func average(of type: ColumnType) -> ColumnType {
    guard case .decimal(let precision, let scale) = type else { return .double }
    return .decimal(precision: 38, scale: max(scale, min(16, 38 - (precision - scale))))
  }
}
