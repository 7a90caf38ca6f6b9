/// The location of data: a path (relative to the directory where the command runs) or `file:` URI of a file or folder. A folder
/// includes everything below it except names that begin with `_` or `.`.
public struct DataPath: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  public let uri: String

  public init(_ uri: String) { self.uri = uri }
  public init(stringLiteral value: String) { uri = value }

  public var description: String { uri }
}
