import Columns
import Query
import TestSupport
import Testing

/// Every function, over random columns of each type: the bits of the result must not depend on how rows are divided.
@Suite struct SplitTests {
  static let types: [ColumnType] = [
    .bool, .int16, .int32, .int64, .float, .double, .decimal(precision: 12, scale: 2),
    .decimal(precision: 30, scale: 4), .string, .json, .binary, .date, .timestampMillis, .timestamp,
    .timestampTZ,
    .interval, .list(.double), .structure([ColumnField("a", .string, nullable: true)]),
  ]

  @Test func resultsDoNotDependOnSplits() throws {
    var random = SeededRandom(state: 14)
    var covered: Set<String> = []
    for function in Aggregates.all {
      for arguments in Self.signatures(function) {
        guard let types = function.resolve(arguments), types.arguments == arguments else { continue }
        covered.insert(function.name)
        for groups in [1, 7] {
          let run = try AggregateRun(function.name, arguments, groups: groups)
          let rows = 60
          let columns = arguments.enumerated().map { index, type in
            RandomColumn.make(type, rows: rows, argument: index, of: function.name, &random)
          }
          // The last group stays empty if there are several.
          let owners =
            groups == 1
            ? [] : (0..<rows).map { _ in UInt32.random(in: 0..<UInt32(groups - 1), using: &random) }
          let selection =
            Bool.random(using: &random)
            ? nil : (0..<UInt32(rows)).filter { _ in Bool.random(using: &random) }
          let whole = try run.whole(owners, columns, rows: rows, selection: selection)
          #expect(whole.count == groups)
          #expect(whole.values.storage == types.result.storage, "\(function.name)")
          for _ in 0..<2 {
            let split = try run.split(owners, columns, rows: rows, selection: selection, &random)
            #expect(
              run.scalars(whole).map { "\($0)" } == run.scalars(split).map { "\($0)" },
              "\(function.name)(\(arguments.map(\.name)))")
            #expect(bits(whole) == bits(split), "\(function.name)(\(arguments.map(\.name)))")
          }
        }
      }
    }
    #expect(covered == Set(Aggregates.all.map(\.name)))
  }

  private static func signatures(_ function: AggregateFunction) -> [[ColumnType]] {
    let seconds: [ColumnType] = [.double, .list(.double)]
    return [[]] + types.map { [$0] } + types.flatMap { type in ([type] + seconds).map { [type, $0] } }
      + types.map { [.list(.double), $0] } + types.map { [.double, $0] }
  }
}

enum RandomColumn {
  static func make(
    _ type: ColumnType, rows: Int, argument: Int, of function: String, _ random: inout SeededRandom
  ) -> Column {
    if let fraction = fraction(type, argument, function) {
      return .constant(fraction, type, count: rows) ?? .nulls(type, count: rows)
    }
    var builder = ColumnBuilder(ColumnField("x", type, nullable: true))
    for _ in 0..<rows { _ = builder.append(scalar(type, &random)) }
    return builder.take()
  }

  /// The fraction of a percentile is the same for all rows.
  private static func fraction(_ type: ColumnType, _ argument: Int, _ function: String) -> ScalarValue? {
    guard argument == (function.hasPrefix("percentile") ? 0 : 1),
      function.contains("percentile") || function.contains("quantile")
    else { return nil }
    return type == .double ? .double(0.3) : .list([.double(0), .null, .double(0.9)])
  }

  static func scalar(_ type: ColumnType, _ random: inout SeededRandom) -> ScalarValue {
    if UInt8.random(in: 0..<8, using: &random) == 0 { return .null }
    switch type {
    case .bool: return .bool(Bool.random(using: &random))
    case .int16, .int32, .date: return .int(Int64.random(in: -9...9, using: &random))
    case .int64: return .int([Int64.min, .max, -1, 5, 6, 7].randomElement(using: &random) ?? 0)
    case .timestampMillis, .timestamp, .timestampTZ: return .int(Int64.random(in: 0...9, using: &random))
    case .decimal:
      return .decimal(Int128(Int64.random(in: -999_999_999_999...999_999_999_999, using: &random)))
    case .float: return .float(Float.random(in: -9...9, using: &random))
    case .double: return .double(double(&random))
    case .string, .binary:
      return .string(String("abcdefghijklmnopqrst".prefix(Int.random(in: 0..<20, using: &random)).reversed()))
    case .json: return .string("\(Int.random(in: 0..<99, using: &random))")
    case .interval:
      return .interval(
        Interval(months: 0, days: Int32.random(in: 0..<3, using: &random), microseconds: 86_400_000_000))
    case .list(let element):
      return .list((0..<Int.random(in: 0..<3, using: &random)).map { _ in scalar(element, &random) })
    case .structure(let fields): return .structure(fields.map { scalar($0.type, &random) })
    }
  }

  /// Of very different sizes, so that no fixed number of doubles holds their sum.
  static func double(_ random: inout SeededRandom) -> Double {
    switch UInt8.random(in: 0..<20, using: &random) {
    case 0: return -0.0
    case 1: return Double(Int.random(in: -3...3, using: &random))
    case 2:
      return [1e308, -1e308, .leastNonzeroMagnitude, -.leastNonzeroMagnitude].randomElement(using: &random)
        ?? 0
    default:
      return Double.random(in: -1...1, using: &random)
        * Double(sign: .plus, exponent: Int.random(in: -200...200, using: &random), significand: 1)
    }
  }
}
