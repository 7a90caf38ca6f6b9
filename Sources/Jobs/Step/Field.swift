// The keys of a step in a job file: their kinds, ranges and help, and their values once checked.
import Basics
import Storage
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

/// One key of a step in a job file. Decoder, error messages, the JSON schema, the reference page and the fuzz targets are
/// all made from these, so they cannot drift apart.
package struct Field: Hashable, Sendable {
  /// What a step does with the data that a URI names.
  package enum Role: Hashable, Sendable {
    case value
    /// Reads it: it must exist, or an earlier step must write it.
    case input
    /// Writes it.
    case output
  }

  package let name: String
  package let kind: FieldKind
  package let role: Role
  /// A key without a default must be given, unless `isOptional`.
  package let defaultValue: JSONValue?
  package let isOptional: Bool
  /// One sentence for the schema and the reference.
  package let help: String

  package init(
    _ name: String, _ kind: FieldKind, role: Role = .value, default defaultValue: JSONValue? = nil,
    optional isOptional: Bool = false, help: String
  ) {
    self.name = name
    self.kind = kind
    self.role = role
    self.defaultValue = defaultValue
    self.isOptional = isOptional
    self.help = help
  }

  /// A URI that the step reads.
  package static func input(_ name: String, optional isOptional: Bool = false, help: String) -> Field {
    Field(name, .uri, role: .input, optional: isOptional, help: help)
  }

  /// The folder that the step writes.
  package static func output(_ name: String, help: String) -> Field {
    Field(name, .uri, role: .output, help: help)
  }

  package var isRequired: Bool { defaultValue == nil && !isOptional }
}

/// A mistake in a job file or on the command line, with its location: `steps[1].clusters: expected …, found …`.
package struct JobFileError: Error, Hashable, Sendable, CustomStringConvertible {
  package let location: String
  package let message: String

  package init(location: String, message: String) {
    self.location = location
    self.message = message
  }

  package var description: String { location.isEmpty ? message : "\(location): \(message)" }
}

/// The values of a step's fields after the decoder has checked each against its kind, filled in defaults and made URIs
/// absolute. Asking for a missing field, or for one of another kind, is an error that names it.
package struct FieldValues: Hashable, Sendable {
  /// `steps[1]`.
  package let location: String
  package let values: [String: JSONValue]
  /// The settings of the job.
  package let settings: Settings

  package init(location: String, values: [String: JSONValue], settings: Settings = Settings()) {
    self.location = location
    self.values = values
    self.settings = settings
  }

  package func error(_ name: String, _ message: String) -> JobFileError {
    JobFileError(location: "\(location).\(name)", message: message)
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

  package func uri(_ name: String) throws(JobFileError) -> ObjectURI {
    let text = try string(name)
    do throws(StorageError) {
      return try ObjectURI(text).resolved()
    } catch {
      throw self.error(name, error.description)
    }
  }

  /// Days since 1970-01-01.
  package func date(_ name: String) throws(JobFileError) -> Int {
    let text = try string(name)
    guard let days = CivilDate.parse(text) else {
      throw error(name, "expected a date YYYY-MM-DD, found \"\(text)\"")
    }
    return days
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
