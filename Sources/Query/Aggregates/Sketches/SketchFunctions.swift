import Columns

extension Aggregates {
  static let sketches: [AggregateFunction] = [
    AggregateFunction(
      "approx_count_distinct", "approx_count_distinct(value)",
      help: """
        About how many distinct values there are that are not null: exact up to 128, then with a standard error of 1.6 %. The same \
        values always give the same result.
        """,
      resolve: Resolve.one { type in
        OrderKeys.exist(for: type)
          ? AggregateTypes(arguments: [type], result: .int64, state: [.binary]) : nil
      },
      makeState: { _ in ApproximateCount() }),
    quantile("approx_quantile"), quantile("approx_percentile"),
  ]

  private static func quantile(_ name: String) -> AggregateFunction {
    AggregateFunction(
      name, "\(name)(number, fraction)",
      help: """
        The value at the fraction (0 to 1, or a list) of the sorted values, at most 0.4 % too near to zero. The same values always \
        give the same result.
        """,
      resolve: { arguments in
        guard arguments.count == 2, arguments[0].isNumeric, let fraction = Fractions.type(of: arguments[1])
        else {
          return nil
        }
        return AggregateTypes(
          arguments: [.double, fraction], result: fraction,
          state: [.list(.int32), .list(.int64), fraction])
      },
      makeState: { ApproximateQuantile(name, fraction: $0[1]) })
  }
}
