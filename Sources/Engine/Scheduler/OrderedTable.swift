/// Values by id, in a stable order. Loops over all values go by position and compute no hashes.
struct OrderedTable<ID: Hashable & Sendable, Value: Sendable>: Sendable {
  private(set) var ids: [ID] = []
  /// Never nil between two calls. Optional so that `subscript(id)` can change a value in place.
  private var values: [Value?] = []
  private var positions: [ID: Int] = [:]

  var count: Int { ids.count }
  var isEmpty: Bool { ids.isEmpty }
  var all: some Sequence<Value> { values.lazy.compactMap { $0 } }

  /// The value for an id, or nil if there is none. Changes happen in place.
  subscript(id: ID) -> Value? {
    get { positions[id].flatMap { values[$0] } }
    _modify {
      if let position = positions[id] {
        yield &values[position]
      } else {
        var none: Value?
        yield &none
      }
    }
  }

  /// The value at a position in `ids`.
  subscript(position position: Int) -> Value? {
    get { values[position] }
    _modify { yield &values[position] }
  }

  /// The ids of the values that match, in order. Inspects values in place, because copying them would cost more than the check.
  func ids(where matches: (Value) -> Bool) -> [ID] {
    var found: [ID] = []
    for position in values.indices where values[position].map(matches) ?? false {
      found.append(ids[position])
    }
    return found
  }

  /// Inserts a value before the first id for which `follows` is true, or at the end.
  mutating func insert(_ value: Value, for id: ID, before follows: (ID) -> Bool = { _ in false }) {
    let position = ids.lastIndex { !follows($0) }.map { $0 + 1 } ?? 0
    ids.insert(id, at: position)
    values.insert(value, at: position)
    number()
  }

  mutating func remove(_ id: ID) -> Value? {
    guard let position = positions[id] else { return nil }
    ids.remove(at: position)
    defer { number() }
    return values.remove(at: position)
  }

  private mutating func number() {
    positions = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
  }
}
