import Basics
import Storage
import Wire

/// Decodes the `conf` of a job file and overriding settings from the command line. Collects all mistakes.
struct SettingsDecoder {
  var variables: Variables
  private(set) var settings = Settings()
  private(set) var errors: [JobFileError] = []

  init(variables: Variables) { self.variables = variables }

  mutating func read(_ conf: JSONValue?) {
    guard let conf else { return }
    guard case .object(let members) = conf else {
      return note("conf", "expected an object of settings, found \(FieldCheck.found(conf))")
    }
    for (key, value) in members.sorted(by: { $0.key < $1.key }) {
      let location = "conf.\(key)"
      switch value {
      case .string(let text):
        guard let (substituted, _) = variables.substitute(text, location: location) else { continue }
        set(key, substituted.text ?? JSONText.compact(substituted), location: location)
      case .integer, .number, .bool: set(key, JSONText.compact(value), location: location)
      default:
        let found = Settings.isSecret(key) ? "" : ", found \(FieldCheck.found(value))"
        note(location, "expected a string, number or boolean\(found)")
      }
    }
  }

  /// - Parameter location: Named in errors, which never show the value because it may be secret.
  mutating func set(_ key: String, _ value: String, location: String) {
    let passed = [SettingKey.passThrough, SettingKey.sparkPrefix]
    if passed.contains(where: { key.hasPrefix($0) && key.utf8.count > $0.utf8.count }) {
      settings[key] = value
      return
    }
    guard let known = SettingKey.known.first(where: { $0.name == key }) else {
      return note(
        location, "unknown setting '\(key)'" + Nearest.hint(key, among: SettingKey.known.map(\.name)))
    }
    if let expectation = known.expectation(of: value) {
      return note(location, "expected \(expectation)")
    }
    settings[key] = value
  }

  private mutating func note(_ location: String, _ message: String) {
    errors.append(JobFileError(location: location, message: message))
  }
}
