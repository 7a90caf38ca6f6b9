import Columns

extension Aggregates {
  static let extremes: [AggregateFunction] = [
    extreme("min", "The smallest value; null without values. NaN is above all numbers.", isMinimum: true),
    extreme("max", "The largest value; null without values. NaN is above all numbers.", isMinimum: false),
    argument("arg_min", "The value of the row with the smallest key", isMinimum: true),
    argument("arg_max", "The value of the row with the largest key", isMinimum: false),
    argument("min_by", "The same as arg_min: the value of the row with the smallest key", isMinimum: true),
    argument("max_by", "The same as arg_max: the value of the row with the largest key", isMinimum: false),
  ]

  private static func extreme(_ name: String, _ help: String, isMinimum: Bool) -> AggregateFunction {
    AggregateFunction(
      name, "\(name)(value)", help: help,
      resolve: Resolve.one { type in
        guard OrderKeys.exist(for: type) else { return nil }
        let key = type == .interval ? [OrderKeys.columnType(for: type)] : []
        return AggregateTypes(arguments: [type], result: type, state: [type] + key)
      },
      makeState: { arguments in
        switch arguments[0].storage {
        case .bool: BoolFold(isAnd: isMinimum)
        case .int32: Extreme<Int32>(isMinimum: isMinimum)
        case .int64: Extreme<Int64>(isMinimum: isMinimum)
        case .int128: Extreme<Int128>(isMinimum: isMinimum)
        case .float: Extreme<Float>(isMinimum: isMinimum)
        case .double: Extreme<Double>(isMinimum: isMinimum)
        case .interval: ArgExtreme<Int128>(isMinimum: isMinimum, .interval)
        default: TextExtreme(isMinimum: isMinimum)
        }
      })
  }

  private static func argument(_ name: String, _ help: String, isMinimum: Bool) -> AggregateFunction {
    AggregateFunction(
      name, "\(name)(value, key)",
      help:
        "\(help), of equal keys the first in the order of the rows. Rows with a null in either are left out.",
      dependsOnOrder: true,
      resolve: { arguments in
        guard arguments.count == 2, OrderKeys.exist(for: arguments[1]) else { return nil }
        return AggregateTypes(
          arguments: arguments, result: arguments[0],
          state: [arguments[0], OrderKeys.columnType(for: arguments[1])])
      },
      makeState: { arguments in
        switch OrderKeys.columnType(for: arguments[1]) {
        case .int64: ArgExtreme<Int64>(isMinimum: isMinimum, arguments[0])
        case .binary: ArgExtreme<BytesKey>(isMinimum: isMinimum, arguments[0])
        default: ArgExtreme<Int128>(isMinimum: isMinimum, arguments[0])
        }
      })
  }
}
