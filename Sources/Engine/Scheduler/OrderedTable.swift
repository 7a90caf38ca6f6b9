/// Values by id, in a dependable order. Loops over all of them go by position and hash
/// nothing.
struct OrderedTable<ID: Hashable & Sendable, Value: Sendable>: Sendable {
  private(set) var ids: [ID] = []
  /// Never nil between two calls; optional, so that one can be changed in place through `subscript(id)`.
  private var values: [Value?] = []
  private var positions: [ID: Int] = [:]

  var count: Int { ids.count }
  var isEmpty: Bool { ids.isEmpty }
  var all: some Sequence<Value> { values.lazy.compactMap { $0 } }

  /// By its id; nil where there is none. Changes go in place.
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

  /// By its position in `ids`.
  subscript(position position: Int) -> Value? {
    get { values[position] }
    _modify { yield &values[position] }
  }

  /// The ids of values with a property, in order. Looks at the values where they are: copies would cost more than the look.
  func ids(where matches: (Value) -> Bool) -> [ID] {
    var found: [ID] = []
    for position in values.indices where values[position].map(matches) ?? false {
      found.append(ids[position])
    }
    return found
  }

  /// Adds a value after all others, or before the first that `follows` it.
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
