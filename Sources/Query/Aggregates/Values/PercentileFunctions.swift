import Columns

extension Aggregates {
  static let percentiles: [AggregateFunction] = [
    AggregateFunction(
      "median", "median(number)",
      help: "The same as percentile_cont(0.5, number). All values are kept in memory.",
      resolve: Resolve.one { type in
        guard let result = Percentile.continuousType(type) else { return nil }
        return AggregateTypes(arguments: [result], result: result, state: [.list(result)])
      },
      makeState: {
        Percentile("median", isDiscrete: false, $0[0], fraction: nil, valueArgument: 0)
      }),
    percentile("percentile_cont", valueArgument: 1, isDiscrete: false),
    percentile("percentile_disc", valueArgument: 1, isDiscrete: true),
    percentile("quantile_cont", valueArgument: 0, isDiscrete: false),
    percentile("quantile_disc", valueArgument: 0, isDiscrete: true),
  ]

  private static func percentile(_ name: String, valueArgument: Int, isDiscrete: Bool) -> AggregateFunction {
    let help =
      isDiscrete
      ? "The first value in sorted order at or after the fraction (0 to 1, or a list) of all values."
      : "The value at the fraction (0 to 1, or a list) of the sorted values, between two of them in proportion."
    return AggregateFunction(
      name,
      valueArgument == 0 ? "\(name)(value, fraction)" : "\(name)(fraction) WITHIN GROUP (ORDER BY value)",
      help: "\(help) All values are kept in memory.",
      resolve: { arguments in
        guard arguments.count == 2, let fraction = Fractions.type(of: arguments[1 - valueArgument]) else {
          return nil
        }
        let value = arguments[valueArgument]
        guard
          let type = isDiscrete ? OrderKeys.exist(for: value) ? value : nil : Percentile.continuousType(value)
        else { return nil }
        return AggregateTypes(
          arguments: valueArgument == 0 ? [type, fraction] : [fraction, type],
          result: fraction == .double ? type : .list(type), state: [.list(type), fraction])
      },
      makeState: { arguments in
        Percentile(
          name, isDiscrete: isDiscrete, arguments[valueArgument], fraction: arguments[1 - valueArgument],
          valueArgument: valueArgument)
      })
  }
}
