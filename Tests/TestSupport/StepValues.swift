import Basics
import Jobs

extension FieldValues {
  /// What a job file says of its first step, and the default of every field that it does not name.
  package init(_ fields: [Field], _ values: [String: JSONValue]) {
    var all = values
    for field in fields where all[field.name] == nil { all[field.name] = field.defaultValue }
    self.init(location: "steps[0]", values: all)
  }
}
