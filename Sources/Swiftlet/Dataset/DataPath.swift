/// Where data is: a path (relative to where the command runs) or `file:` URI of a file, or of a folder with all that is below
/// it but what begins with `_` or `.`.
public struct DataPath: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  public let uri: String

  public init(_ uri: String) { self.uri = uri }
  public init(stringLiteral value: String) { uri = value }

  public var description: String { uri }
}
