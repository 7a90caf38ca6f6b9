/// A place where bytes from outside come in, and what must be so of any bytes: the same code runs under libFuzzer
/// (`scripts/fuzz`) and over the corpus in every test run (CorpusTests). See docs/fuzzing.md.
package struct FuzzTarget: Sendable {
  package let name: String
  /// The longest input that is worth trying, in bytes.
  package let longest: Int
  /// Valid inputs, from the real encoders: what the corpus grows from.
  package let seeds: @Sendable () throws -> [[UInt8]]
  /// - Throws: ``Finding``, or anything else that the code under test was not meant to throw. A trap is a finding too.
  package let check: @Sendable ([UInt8]) throws -> Void

  init(
    _ name: String, longest: Int = 4096, seeds: @escaping @Sendable () throws -> [[UInt8]],
    check: @escaping @Sendable ([UInt8]) throws -> Void
  ) {
    self.name = name
    self.longest = longest
    self.seeds = seeds
    self.check = check
  }

  /// In the order of the names.
  package static let all: [FuzzTarget] = [
    addresses, blockCodecs, centres, clientMessages, compressedStreams, driverMessages, eventLines, eventLog,
    frames, handshake, iso8601, jobFile, jobRequest, jsonLines, lineBlocks, manifest, parquet, parquetFooter,
    parquetPages,
    records, rowBlocks, s3Answers, shuffleMessages, taskValues, userBlocks, workerMessages,
  ].sorted { $0.name < $1.name }
}
