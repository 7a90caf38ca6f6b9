import Columns

extension Aggregates {
  static let values: [AggregateFunction] = [
    AggregateFunction(
      "array_agg", "array_agg(value)",
      help: "A list of all values, nulls among them, in the order of the rows; null without rows.",
      dependsOnOrder: true,
      resolve: Resolve.one { AggregateTypes(arguments: [$0], result: .list($0), state: [.list($0)]) },
      makeState: { ArrayAggregate($0[0]) }),
    AggregateFunction(
      "string_agg", "string_agg(text, delimiter)",
      help:
        "All values that are not null, in the order of the rows, with the delimiter between them; null without values.",
      dependsOnOrder: true,
      resolve: { arguments in
        guard arguments.count == 2, arguments[0] == arguments[1],
          arguments[0] == .string || arguments[0] == .binary
        else { return nil }
        return AggregateTypes(arguments: arguments, result: arguments[0], state: arguments)
      },
      makeState: { _ in StringAggregate() }),
    pick("first", "The value of the first row, even if it is null.", .first),
    pick("last", "The value of the last row, even if it is null.", .last),
    pick("any_value", "The first value that is not null.", .any),
    AggregateFunction(
      "mode", "mode(value)",
      help: "The most frequent value, of equally frequent ones the smallest. All values are kept in memory.",
      resolve: Resolve.one { type in
        OrderKeys.exist(for: type)
          ? AggregateTypes(arguments: [type], result: type, state: [.list(type)]) : nil
      },
      makeState: { Mode($0[0]) }),
  ]

  private static func pick(_ name: String, _ help: String, _ choice: PositionPick.Choice) -> AggregateFunction
  {
    AggregateFunction(
      name, "\(name)(value)", help: help, dependsOnOrder: true,
      resolve: Resolve.one { AggregateTypes(arguments: [$0], result: $0, state: [$0, .bool]) },
      makeState: { PositionPick(choice, $0[0]) })
  }
}
