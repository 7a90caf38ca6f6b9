import Columns
import Storage

/// The columns of a type, found by decoding a value from a dummy source that records every field that `init(from:)` requests,
/// with its type, and supplies a sample value.
struct TableFields {
  let fields: [ColumnField]

  /// - Throws: ``RecordError`` if the type is not a flat struct.
  init<T: Decodable>(of type: T.Type) throws {
    let probe = FieldProbe(owner: typeName(type))
    guard !(T.self is any RecordForm.Type) else {
      throw probe.refusal("a plain value as a row; use a struct")
    }
    _ = try probe.make(type)
    guard !probe.fields.isEmpty, probe.single == nil else {
      throw probe.refusal("a plain value as a row; use a struct")
    }
    fields = probe.fields
  }
}

private final class FieldProbe: FieldSource {
  private let owner: String
  private(set) var fields: [ColumnField] = []
  /// The column of a type that consists of a single value.
  private(set) var single: ColumnType?

  init(owner: String) { self.owner = owner }

  func has(_ name: String) throws -> Bool { true }

  func field<T: Decodable>(_ name: String, _ type: T.Type) throws -> T {
    let (sample, column, isOptional) = try sample(type, name)
    fields.append(ColumnField(name, column, nullable: isOptional))
    return sample
  }

  func optional<T: Decodable>(_ name: String, _ type: T.Type) throws -> T? {
    let (_, column, _) = try sample(type, name)
    fields.append(ColumnField(name, column, nullable: true))
    return nil
  }

  func single<T: Decodable>(_ type: T.Type) throws -> T {
    let (sample, column, _) = try sample(type, "value")
    single = column
    return sample
  }

  func singleIsNil() throws -> Bool { false }
  func refusal(_ what: String) -> any Error { RecordError("\(owner): a row of a table cannot hold \(what)") }

  private func sample<T: Decodable>(_ type: T.Type, _ name: String) throws -> (T, ColumnType, Bool) {
    if let form = T.self as? any RecordForm.Type {
      guard let column = form.column else {
        throw refusal("the type of field '\(name)', \(typeName(T.self))")
      }
      return (sample(as: form), column, form.isNullable)
    }
    let probe = FieldProbe(owner: typeName(T.self))
    do {
      let value = try probe.make(T.self)
      if let column = probe.single { return (value, column, false) }
    } catch {
      // An enum may have no case that matches the sample of its raw type.
      if let column = probe.single,
        let value = (T.self as? any CaseIterable.Type).flatMap({ first($0) as? T })
      {
        return (value, column, false)
      }
      if probe.single != nil {
        throw refusal("the enum \(typeName(T.self)) of field '\(name)' unless it is CaseIterable")
      }
    }
    throw refusal("the type of field '\(name)', \(typeName(T.self))")
  }

  private func sample<F: RecordForm, T>(as form: F.Type) -> T { unsafeBitCast(form.sample, to: T.self) }

  private func first<C: CaseIterable>(_ type: C.Type) -> Any? { C.allCases.first }
}
