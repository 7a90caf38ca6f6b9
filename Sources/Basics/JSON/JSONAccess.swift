// Shorthands to build JSON values and to access their members; nil if a value has another kind.
extension JSONValue {
  package static func count(_ value: Int) -> JSONValue { .integer(Int64(value)) }

  /// To the millisecond.
  package static func seconds(_ value: Double) -> JSONValue { .number((value * 1000).rounded() / 1000) }

  package static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

  package static func moment(_ value: Moment?) -> JSONValue { .text(value?.text) }

  package subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  package var int: Int? { if case .integer(let value) = self { Int(value) } else { nil } }

  package var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  package var items: [JSONValue]? { if case .array(let items) = self { items } else { nil } }

  package var text: String? { if case .string(let text) = self { text } else { nil } }
}
