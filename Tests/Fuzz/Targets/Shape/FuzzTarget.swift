/// A parser of outside bytes, and invariants that hold for any input. Runs under libFuzzer (`scripts/fuzz`) and over the corpus in
/// every test run (CorpusTests). See docs/fuzzing.md.
package struct FuzzTarget: Sendable {
  package let name: String
  /// The longest input to try, in bytes.
  package let longest: Int
  /// Valid inputs from the real encoders, from which the corpus grows.
  package let seeds: @Sendable () throws -> [[UInt8]]
  /// - Throws: ``Finding``, or any other error that the code under test must not throw. A trap is a finding too.
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

  /// All targets, sorted by name.
  package static let all: [FuzzTarget] = [
    addresses, blockCodecs, centroids, clientMessages, compressedStreams, driverMessages, eventLines,
    eventLog,
    frames, handshake, iso8601, jobFile, jobRequest, jsonLines, lineBlocks, manifest, parquet, parquetFooter,
    parquetPages,
    records, rowBlocks, s3Answers, shuffleMessages, taskValues, userBlocks, workerMessages,
  ].sorted { $0.name < $1.name }
}
