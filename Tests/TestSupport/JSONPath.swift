// Access to members of a JSON document in tests.
import Basics

extension JSONValue {
  package subscript(path: Any...) -> JSONValue {
    var value = self
    for part in path {
      switch (value, part) {
      case (.object(let members), let key as String): value = members[key] ?? .null
      case (.array(let items), let index as Int) where items.indices.contains(index): value = items[index]
      default: return .null
      }
    }
    return value
  }

  package var whole: Int64 { if case .integer(let value) = self { value } else { .min } }

  package var itemCount: Int { if case .array(let items) = self { items.count } else { -1 } }
}
