import Basics
import Wire

/// What a key of a job file may hold.
package indirect enum FieldKind: Hashable, Sendable {
  case string
  /// A plain or `file:` path, `s3://bucket/prefix/` or `kafka://broker:9092/topic`.
  case uri
  /// A calendar date, `YYYY-MM-DD`.
  case date
  case bool
  case integer(min: Int64?, max: Int64?)
  case number(min: Double?, max: Double?)
  case strings
  case choice([String])
  case either(FieldKind, FieldKind)
}

/// One key of a step in a job file. Decoder, error messages, `--explain`, the JSON schema and the reference page are all
/// made from these, so they cannot drift apart.
package struct Field: Hashable, Sendable {
  package let name: String
  package let kind: FieldKind
  /// A key without a default must be given, unless `isOptional`.
  package let defaultValue: JSONValue?
  package let isOptional: Bool
  /// One sentence for the schema and the reference.
  package let help: String

  package init(
    _ name: String, _ kind: FieldKind, default defaultValue: JSONValue? = nil,
    optional isOptional: Bool = false,
    help: String
  ) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.isOptional = isOptional
    self.help = help
  }

  package var isRequired: Bool { defaultValue == nil && !isOptional }
}

/// A mistake in a job file or on the command line, told with its place: `steps[1].clusters: expected …, found …`.
package struct JobFileError: Error, Hashable, Sendable, CustomStringConvertible {
  package let place: String
  package let message: String

  package init(place: String, message: String) {
    self.place = place
    self.message = message
  }

  package var description: String { place.isEmpty ? message : "\(place): \(message)" }
}

/// The values of a step's fields after the decoder has checked each against its kind and filled in defaults; a
/// URI is absolute by then. Asking for a field as what its kind cannot be is an error that names the field.
package struct FieldValues: Hashable, Sendable {
  /// `steps[1]`.
  package let place: String
  package let values: [String: JSONValue]
  /// Those of the job.
  package let settings: Settings

  package init(place: String, values: [String: JSONValue], settings: Settings = Settings()) {
    self.place = place
    self.values = values
    self.settings = settings
  }

  package func error(_ name: String, _ message: String) -> JobFileError {
    JobFileError(place: "\(place).\(name)", message: message)
  }

  package func optionalString(_ name: String) -> String? {
    if case .string(let value)? = values[name] { value } else { nil }
  }

  package func optionalInteger(_ name: String) -> Int? {
    if case .integer(let value)? = values[name] { Int(value) } else { nil }
  }

  package func optionalNumber(_ name: String) -> Double? {
    switch values[name] {
    case .integer(let value)?: Double(value)
    case .number(let value)?: value
    default: nil
    }
  }

  package func optionalStrings(_ name: String) -> [String]? {
    guard case .array(let items)? = values[name] else { return nil }
    return items.compactMap { if case .string(let value) = $0 { value } else { nil } }
  }

  package func string(_ name: String) throws(JobFileError) -> String {
    guard let value = optionalString(name) else { throw error(name, "missing") }
    return value
  }

  package func integer(_ name: String) throws(JobFileError) -> Int {
    guard let value = optionalInteger(name) else { throw error(name, "missing") }
    return value
  }

  package func number(_ name: String) throws(JobFileError) -> Double {
    guard let value = optionalNumber(name) else { throw error(name, "missing") }
    return value
  }

  package func bool(_ name: String) throws(JobFileError) -> Bool {
    guard case .bool(let value)? = values[name] else { throw error(name, "missing") }
    return value
  }
}
