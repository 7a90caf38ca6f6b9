/// The parts of the programs that jobs become on Apache Spark: files of Python beside this one, kept as they are in the binary.
package enum SparkProgram {
  /// What every program begins with; it imports all that the others use.
  package static let common = text(PackageResources.common_py)
  /// The end: runs the steps of `JOB` in turn.
  package static let main = text(PackageResources.main_py)

  /// What a step of this type needs, in order of their types; nil where a type of step does not run on Spark.
  package static func step(_ type: String) -> String? {
    switch type {
    case "features": text(PackageResources.features_py)
    case "segment": text(PackageResources.segment_py)
    default: nil
    }
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
