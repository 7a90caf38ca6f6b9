import Columns

enum BitOperation { case and, or, xor }

/// `bit_and`, `bit_or`, `bit_xor` of integers.
final class BitFold<Value: FixedWidthInteger & Ordered>: AggregateState {
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
    let values = try Value.array(column)
    let loop = RowLoop(groups, [column], rows: rows, selection)
    switch operation {
    case .and: add(values, loop) { $0 & $1 }
    case .or: add(values, loop) { $0 | $1 }
    case .xor: add(values, loop) { $0 ^ $1 }
    }
  }

  @inline(__always)
  private func add(_ values: [Value], _ loop: RowLoop, _ combine: (Value, Value) -> Value) {
    bits.withUnsafeMutableBufferPointer { bits in
      isSet.withUnsafeMutableBufferPointer { isSet in
        loop.forEach { group, row in
          bits[group] = combine(bits[group], values[row])
          isSet[group] = true
        }
      }
    }
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
