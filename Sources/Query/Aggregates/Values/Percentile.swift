import Columns

/// `percentile_cont`, `percentile_disc`, `median`, `quantile_cont`, `quantile_disc`: exact, so all values are kept until the end.
final class Percentile: AggregateState {
  private let isDiscrete: Bool
  private let type: ColumnType
  private let valueArgument: Int
  private var values: GroupedValues
  private var fractions: Fractions?

  /// - Parameters:
  ///   - type: Of the values.
  ///   - fraction: The type of the fraction; nil for the median.
  ///   - valueArgument: The position of the values among the arguments; the fraction has the other one.
  init(_ name: String, isDiscrete: Bool, _ type: ColumnType, fraction: ColumnType?, valueArgument: Int) {
    self.isDiscrete = isDiscrete
    self.type = type
    self.valueArgument = valueArgument
    values = GroupedValues(type)
    fractions = fraction.map { Fractions(name, $0) }
  }

  func resize(to count: Int) { values.resize(to: count) }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    let column = arguments[valueArgument].expanded(rows)
    let loop = RowLoop(groups, [column], rows: rows, selection)
    try fractions?.add(arguments[1 - valueArgument], loop)
    values.add(column, loop)
  }

  func partial(_ groups: [UInt32]) -> [Column] {
    [values.lists(groups)] + (fractions.map { [$0.column(groups.count)] } ?? [])
  }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(fractions == nil ? 1 : 2)
    try fractions?.add(state[1], RowLoop(merging: groups, state, validity: state[0].validity))
    try values.merge(groups: groups, state[0])
  }

  func finish(_ count: Int) throws -> Column {
    let sorted = values.settle()
    let keys = try OrderKeys(sorted.column)
    let numbers = fractions.map { $0.numbers } ?? [0.5]
    var results = Results(sorted.column, type)
    for group in 0..<count {
      let order = keys.sorted(sorted.range(group).map { UInt32($0) })
      for number in numbers {
        guard let number, !order.isEmpty else {
          results.appendNull()
          continue
        }
        if isDiscrete {
          let position = Int((number * Double(order.count)).rounded(.up)) - 1
          results.append(order[min(max(position, 0), order.count - 1)])
        } else {
          let position = number * Double(order.count - 1)
          let low = position.rounded(.down)
          results.append(
            order[Int(low)], order[min(Int(low) + 1, order.count - 1)], share: position - low)
        }
      }
    }
    let column = results.column(isDiscrete: isDiscrete)
    guard let fractions, fractions.isList else {
      return numbers.isEmpty ? .nulls(type, count: count) : column
    }
    return Column(
      .list(ListColumn(offsets: (0...count).map { $0 * numbers.count }, elements: column)),
      optional: (0..<count).map { !sorted.range($0).isEmpty })
  }

  var byteCount: Int { values.byteCount }

  /// The type of a continuous percentile of values of a type; nil if there is none.
  static func continuousType(_ type: ColumnType) -> ColumnType? {
    switch type {
    case .timestamp, .timestampTZ, .timestampMillis: type
    default: type.isNumeric ? .double : nil
    }
  }

  /// Rows of the values, or numbers between two of them.
  private struct Results {
    private let values: Column
    private let type: ColumnType
    private var rows: [UInt32] = []
    private var doubles: [Double] = []
    private var integers: [Int64] = []
    private var validity: [Bool] = []

    init(_ values: Column, _ type: ColumnType) {
      self.values = values
      self.type = type
    }

    mutating func appendNull() {
      rows.append(0)
      doubles.append(0)
      integers.append(0)
      validity.append(false)
    }

    mutating func append(_ row: UInt32) {
      rows.append(row)
      validity.append(true)
    }

    mutating func append(_ low: UInt32, _ high: UInt32, share: Double) {
      switch values.values {
      case .double(let values):
        let (a, b) = (values[Int(low)], values[Int(high)])
        doubles.append(a == b || share == 0 ? a + 0 : a + share * (b - a))
      case .int64(let values):
        let (a, b) = (values[Int(low)], values[Int(high)])
        integers.append(a &+ Int64((share * Double(b &- a)).rounded()))
      default: break
      }
      validity.append(true)
    }

    func column(isDiscrete: Bool) -> Column {
      if isDiscrete {
        // Nulls gather the row after the last one.
        let extended = Column.concatenate([values, .nulls(type, count: 1)], type)
        return extended.gather(zip(rows, validity).map { $1 ? $0 : UInt32(values.count) })
      }
      return type == .double
        ? Column(.double(doubles), optional: validity) : Column(.int64(integers), optional: validity)
    }
  }
}
