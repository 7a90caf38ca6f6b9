import Columns

/// An aggregate function of SQL. Each group of them is a file in this folder; ``Aggregates`` lists them.
package struct AggregateFunction: Sendable {
  /// Lower case.
  package let name: String
  /// The call with its arguments, as in the reference: `string_agg(text, delimiter)`.
  package let signature: String
  /// One sentence for docs/sql-functions.md.
  package let help: String
  package let example: String?
  /// The type of the result and of the state's columns for the types of the arguments; nil if they do not fit.
  package let resolve: @Sendable (_ arguments: [ColumnType]) -> AggregateTypes?
  /// An empty state for arguments that ``resolve`` has accepted.
  package let makeState: @Sendable (_ arguments: [ColumnType]) -> any AggregateState
  /// Whether the result depends on the order of the rows, as that of `array_agg` does.
  package let dependsOnOrder: Bool

  package init(
    _ name: String, _ signature: String, help: String, example: String? = nil, dependsOnOrder: Bool = false,
    resolve: @escaping @Sendable (_ arguments: [ColumnType]) -> AggregateTypes?,
    makeState: @escaping @Sendable (_ arguments: [ColumnType]) -> any AggregateState
  ) {
    self.name = name
    self.signature = signature
    self.help = help
    self.example = example
    self.dependsOnOrder = dependsOnOrder
    self.resolve = resolve
    self.makeState = makeState
  }
}

package struct AggregateTypes: Hashable, Sendable {
  /// The types that the arguments are cast to.
  package var arguments: [ColumnType]
  package var result: ColumnType
  /// The columns of a partial result, as shuffles and spill files carry them.
  package var state: [ColumnType]

  package init(arguments: [ColumnType], result: ColumnType, state: [ColumnType]) {
    self.arguments = arguments
    self.result = result
    self.state = state
  }
}

/// The states of one aggregate for many groups, in flat arrays by group number. Used by one thread at a time.
///
/// The result must not depend on how rows were divided into partial results, as long as partial results are merged in the order
/// of their rows: floating-point sums are exact until the end.
package protocol AggregateState: AnyObject {
  /// Makes room for group numbers below `count`; new groups are empty.
  func resize(to count: Int)

  /// Adds rows. Rows whose argument is null are the state's own business.
  /// - Parameters:
  ///   - groups: The group of each row; empty if all rows belong to group 0, for which the sums have faster loops.
  ///   - arguments: One vector per argument, of the types that ``AggregateTypes/arguments`` names.
  ///   - selection: Rows to add, ascending (a FILTER clause); nil for all.
  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws

  /// The partial results of the groups with these numbers, in that order.
  func partial(_ groups: [UInt32]) -> [Column]

  /// Merges partial results: row i goes to group `groups[i]`, after all that was added before. Empty `groups` mean group 0.
  func merge(groups: [UInt32], state: [Column]) throws

  /// The results of groups 0 ..< `count`.
  func finish(_ count: Int) throws -> Column

  /// Approximate bytes of memory.
  var byteCount: Int { get }
}
