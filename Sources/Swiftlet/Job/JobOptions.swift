import Basics
import Engine
import Jobs

/// The options of a job, found by reflection.
struct JobOptions {
  /// In declaration order.
  private let options: [(name: String, option: any AnyOption)]

  init(_ job: some JobProgram) {
    options = Mirror(reflecting: job).children.compactMap { child in
      guard let option = child.value as? any AnyOption, let label = child.label else { return nil }
      return (String(label.drop { $0 == "_" }), option)
    }
  }

  var fields: [Field] { options.map { $0.option.field($0.name) } }

  func set(_ values: FieldValues) throws(JobFileError) {
    for (name, option) in options {
      guard let value = values.values[name] else { continue }
      guard option.set(value) else {
        throw values.error(name, "'\(JobOptions.text(value))' is not a value of this option")
      }
    }
  }

  var json: JSONValue {
    let values = options.compactMap { item in item.option.json.map { (item.name, $0) } }
    return .object(Dictionary(values) { _, last in last })
  }

  static func text(_ value: JSONValue) -> String {
    if case .string(let text) = value { text } else { JSONText.compact(value) }
  }

  /// Turns `minCount` into `min-count`.
  static func commandName(_ name: String) -> String {
    var text = ""
    for character in name {
      if character.isUppercase, !text.isEmpty { text += "-" }
      text += character.lowercased()
    }
    return text
  }
}
