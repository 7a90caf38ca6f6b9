import Basics
import Engine
import Jobs
import Synchronization

/// An option of a job: `--min-count 3` for `@Option("Leave out words seen less often.") var minCount = 1`. Without a
/// default value it is required, unless its type is optional.
@propertyWrapper
public struct Option<Value: OptionValue>: Sendable {
  // A reference: the job may be copied after the library has created it, and all copies must see the same value.
  private final class Box: Sendable {
    let value = Mutex<Value?>(nil)
  }

  private let help: String
  private let defaultValue: Value?
  private let box = Box()

  public init(wrappedValue: Value, _ help: String) {
    self.help = help
    defaultValue = wrappedValue
  }

  public init(_ help: String) {
    self.help = help
    defaultValue = nil
  }

  public var wrappedValue: Value { box.value.withLock { $0 } ?? defaultValue ?? Value.missing }
}

/// The types that options can have: `String`, `Int`, `Double`, `Bool` (a flag), ``DataPath``, an enum of strings, or an
/// optional of these.
public protocol OptionValue: Sendable {
  static var optionKind: OptionKind { get }
  /// Whether the option may be left out.
  static var isOptional: Bool { get }
  /// A placeholder for a value that was not given.
  static var missing: Self { get }
  init?(optionText: String)
  var optionText: String? { get }
}

public enum OptionKind: Hashable, Sendable {
  case text, integer, number, flag, path
}

extension OptionValue {
  public static var isOptional: Bool { false }
}

extension OptionValue where Self: LosslessStringConvertible {
  public init?(optionText: String) { self.init(optionText) }
  public var optionText: String? { description }
}

extension String: OptionValue {
  public static var optionKind: OptionKind { .text }
  public static var missing: String { "" }
}

extension Int: OptionValue {
  public static var optionKind: OptionKind { .integer }
  public static var missing: Int { 0 }
}

extension Double: OptionValue {
  public static var optionKind: OptionKind { .number }
  public static var missing: Double { 0 }
}

extension Bool: OptionValue {
  public static var optionKind: OptionKind { .flag }
  public static var missing: Bool { false }
}

extension DataPath: OptionValue {
  public static var optionKind: OptionKind { .path }
  public static var missing: DataPath { DataPath("") }
  public init?(optionText: String) { self.init(optionText) }
  public var optionText: String? { uri }
}

extension Optional: OptionValue where Wrapped: OptionValue {
  public static var optionKind: OptionKind { Wrapped.optionKind }
  public static var isOptional: Bool { true }
  public static var missing: Wrapped? { nil }
  public init?(optionText: String) {
    guard let value = Wrapped(optionText: optionText) else { return nil }
    self = value
  }
  public var optionText: String? { flatMap(\.optionText) }
}

/// An option without its static type, as found by reflection.
protocol AnyOption {
  func field(_ name: String) -> Field
  func set(_ value: JSONValue) -> Bool
  /// nil if there is no value.
  var json: JSONValue? { get }
}

extension Option: AnyOption {
  func field(_ name: String) -> Field {
    let kind: FieldKind =
      switch Value.optionKind {
      case .text: .string
      case .integer: .integer(min: nil, max: nil)
      case .number: .number(min: nil, max: nil)
      case .flag: .bool
      case .path: .uri
      }
    let isFlag = kind == .bool && !Value.isOptional
    let standard = (defaultValue ?? (isFlag ? Value.missing : nil)).flatMap(Option.json)
    // By convention, because a job's paths do not say how the job uses them.
    let roles: [String: Field.Role] = kind == .uri ? ["input": .input, "output": .output] : [:]
    return Field(
      name, kind, role: roles[name] ?? .value, default: standard, optional: Value.isOptional, help: help)
  }

  func set(_ value: JSONValue) -> Bool {
    let text: String
    switch value {
    case .string(let value): text = value
    case .integer(let value): text = "\(value)"
    case .number(let value): text = "\(value)"
    case .bool(let value): text = "\(value)"
    default: return false
    }
    guard let value = Value(optionText: text) else { return false }
    box.value.withLock { $0 = value }
    return true
  }

  var json: JSONValue? { Option.json(wrappedValue) }

  private static func json(_ value: Value) -> JSONValue? {
    guard let text = value.optionText else { return nil }
    return switch Value.optionKind {
    case .text, .path: .string(text)
    case .integer: Int64(text).map { .integer($0) }
    case .number: Double(text).map { .number($0) }
    case .flag: .bool(text == "true")
    }
  }
}
