import Basics

/// The name and type of a column.
public struct ColumnField: Hashable, Sendable {
  public var name: String
  public var type: ColumnType
  public var nullable: Bool

  public init(_ name: String, _ type: ColumnType, nullable: Bool = false) {
    self.name = name
    self.type = type
    self.nullable = nullable
  }

  public static func == (a: ColumnField, b: ColumnField) -> Bool {
    a.name.hasSameBytes(as: b.name) && a.type == b.type && a.nullable == b.nullable
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(ExactName(name))
    hasher.combine(type)
    hasher.combine(nullable)
  }
}

extension [ColumnField] {
  /// The first field with the given name, or nil. Names are compared byte by byte.
  package func field(named name: String) -> ColumnField? { first { $0.name.hasSameBytes(as: name) } }
}
