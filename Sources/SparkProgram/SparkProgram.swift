// The Python source that every Spark program shares. What one kind of step needs is in that step's folder.

/// Python files of this target, embedded in the binary.
enum SparkProgram {
  /// The beginning; it imports all that the other parts use.
  static let common = text(PackageResources.common_py)
  /// The end: runs the steps of `JOB` in turn.
  static let main = text(PackageResources.main_py)

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
