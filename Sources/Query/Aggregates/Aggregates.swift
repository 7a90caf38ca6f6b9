import Basics
import Columns

/// All aggregate functions, and which of them a call means.
package enum Aggregates {
  package static let all: [AggregateFunction] =
    sums + extremes + logic + moments + values + percentiles + sketches

  private static let byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }

  /// - Parameter name: Lower case.
  package static func lookup(_ name: String) -> AggregateFunction? { byName[name] }

  /// - Parameter arguments: nil for an untyped literal or NULL.
  /// - Returns: The types that the arguments must be cast to, and those of the result and of partial results.
  package static func resolve(
    _ name: String, _ arguments: [ColumnType?]
  ) throws(QueryError) -> AggregateTypes {
    guard let function = lookup(name) else {
      throw QueryError(
        "no aggregate function \(name)",
        hint: Nearest.name(to: name, among: all.map(\.name)).map { "did you mean \($0)?" })
    }
    // A literal is text unless only another type fits.
    for guess: ColumnType in [.string, .double, .bool, .timestamp] {
      if let types = function.resolve(arguments.map { $0 ?? guess }) { return types }
      if !arguments.contains(nil) { break }
    }
    let types = arguments.map { $0?.sqlName ?? "unknown" }.joined(separator: ", ")
    throw QueryError("no aggregate function \(name)(\(types))", hint: "there is \(function.signature)")
  }
}

/// Helpers for the tables of functions.
enum Resolve {
  /// A function of one argument.
  static func one(
    _ body: @escaping @Sendable (ColumnType) -> AggregateTypes?
  ) -> @Sendable ([ColumnType]) -> AggregateTypes? {
    { $0.count == 1 ? body($0[0]) : nil }
  }

  /// A function of one argument whose result and only state have the argument's type.
  static func same(
    _ accepts: @escaping @Sendable (ColumnType) -> Bool
  ) -> @Sendable ([ColumnType]) -> AggregateTypes? {
    one { accepts($0) ? AggregateTypes(arguments: [$0], result: $0, state: [$0]) : nil }
  }
}
