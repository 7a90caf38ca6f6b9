import Swiftlet

/// WordCount submit --input articles/ --output words/ [--top 100]
@main struct WordCount: Job {
  static let help = "Counts the words of text files and keeps the most frequent ones."

  @Option("Folder or file of text, also compressed.") var input: DataPath
  @Option("Folder for the words, most frequent first (JSON Lines).") var output: DataPath
  @Option("Number of words to keep.") var top = 100

  struct Word: Record {
    let word: String
    let count: Int
  }

  func pipeline() -> Pipeline {
    Dataset(lines: input)
      .flatMap { line in line.lowercased().split { !$0.isLetter } }
      .aggregate(by: { String($0) }, .count)
      .map { Word(word: $0.key, count: $0.value) }
      .top(top, by: \.count)
      .save(to: output, as: .jsonLines)
  }
}
