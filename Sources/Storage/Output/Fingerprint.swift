import Basics

/// 128 bits that stand for everything a step's output depends on: equal fingerprints, equal outputs.
package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
  /// 32 hexadecimal digits.
  package let description: String

  /// - Parameters:
  ///   - parameters: Those that the output depends on, each in one canonical form.
  ///   - inputs: In any order.
  package init(step: String, program: StepProgram, parameters: [String: String], inputs: [ObjectInfo]) {
    var writer = ByteWriter()
    writer.count(Manifest.currentVersion)
    writer.string(step)
    writer.string(program.description)
    writer.count(parameters.count)
    for (name, value) in parameters.sorted(by: { ObjectName.precedes($0.key, $1.key) }) {
      writer.string(name)
      writer.string(value)
    }
    writer.count(inputs.count)
    for input in inputs.sorted(by: { ObjectName.precedes($0.uri, $1.uri) }) {
      writer.string(input.uri)
      writer.signed(input.size)
      writer.string(input.version)
    }
    description = (UInt64(0)..<2).map { XXH3.hash(writer.bytes, seed: $0).hexadecimal }.joined()
  }
}
