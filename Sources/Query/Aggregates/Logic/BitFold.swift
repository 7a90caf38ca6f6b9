import Columns

enum BitOperation { case and, or, xor }

protocol BitFoldable: FixedWidthInteger, Ordered {
  /// A requirement, so that it is compiled for each type.
  static func fold(
    _ values: [Self], _ loop: RowLoop, _ operation: BitOperation, _ bits: inout [Self], _ isSet: inout [Bool])
}

extension Int32: BitFoldable {}
extension Int64: BitFoldable {}

extension BitFoldable {
  static func fold(
    _ values: [Self], _ loop: RowLoop, _ operation: BitOperation, _ bits: inout [Self], _ isSet: inout [Bool]
  ) {
    switch operation {
    case .and: fold(values, loop, &bits, &isSet) { $0 & $1 }
    case .or: fold(values, loop, &bits, &isSet) { $0 | $1 }
    case .xor: fold(values, loop, &bits, &isSet) { $0 ^ $1 }
    }
  }

  @inline(__always)
  private static func fold(
    _ values: [Self], _ loop: RowLoop, _ bits: inout [Self], _ isSet: inout [Bool],
    _ combine: (Self, Self) -> Self
  ) {
    bits.withUnsafeMutableBufferPointer { bits in
      isSet.withUnsafeMutableBufferPointer { isSet in
        values.withUnsafeBufferPointer { values in
          loop.forEach { group, row in
            bits[group] = combine(bits[group], values[row])
            isSet[group] = true
          }
        }
      }
    }
  }
}

/// `bit_and`, `bit_or`, `bit_xor` of integers.
final class BitFold<Value: BitFoldable>: AggregateState {
  private let operation: BitOperation
  private var bits: [Value] = []
  private var isSet: [Bool] = []

  init(_ operation: BitOperation) { self.operation = operation }

  func resize(to count: Int) {
    bits.extend(to: count, operation == .and ? ~0 : 0)
    isSet.extend(to: count, false)
  }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    try add(arguments[0].expanded(rows), groups, rows, selection)
  }

  private func add(_ column: Column, _ groups: [UInt32], _ rows: Int, _ selection: [UInt32]?) throws {
    let loop = RowLoop(groups, [column], rows: rows, selection)
    Value.fold(try Value.array(column), loop, operation, &bits, &isSet)
  }

  private func column(_ bits: [Value], _ isSet: [Bool]) -> Column {
    Column(Value.values(zip(bits, isSet).map { $1 ? $0 : 0 }), optional: isSet)
  }

  func partial(_ groups: [UInt32]) -> [Column] { [column(bits.picked(groups), isSet.picked(groups))] }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(1)
    try add(state[0], groups, state[0].count, nil)
  }

  func finish(_ count: Int) throws -> Column { column(Array(bits[0..<count]), Array(isSet[0..<count])) }

  var byteCount: Int { bits.count * (MemoryLayout<Value>.stride + 1) }
}
