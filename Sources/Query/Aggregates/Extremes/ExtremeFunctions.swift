import Columns

extension Aggregates {
  static let extremes: [AggregateFunction] = [
    extreme("min", "The smallest value; null without values. NaN is above all numbers.", isMinimum: true),
    extreme("max", "The largest value; null without values. NaN is above all numbers.", isMinimum: false),
  ]

  private static func extreme(_ name: String, _ help: String, isMinimum: Bool) -> AggregateFunction {
    AggregateFunction(
      name, "\(name)(value)", help: help,
      resolve: Resolve.same { OrderKeys.exist(for: $0) && $0 != .interval },
      makeState: { arguments in
        switch arguments[0].storage {
        case .bool: BoolFold(isAnd: isMinimum)
        case .int32: Extreme<Int32>(isMinimum: isMinimum)
        case .int64: Extreme<Int64>(isMinimum: isMinimum)
        case .int128: Extreme<Int128>(isMinimum: isMinimum)
        case .float: Extreme<Float>(isMinimum: isMinimum)
        case .double: Extreme<Double>(isMinimum: isMinimum)
        default: TextExtreme(isMinimum: isMinimum)
        }
      })
  }
}
